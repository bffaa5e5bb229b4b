using System.Net;
using Envoy.Config.Bootstrap.V3;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Cli;

/// <summary>What a sidecar starts with: its bootstrap, and beside it the certificate it proves itself with.</summary>
internal static class ProxyCredentials
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Issues a certificate and writes it with its key, and whom to believe, into a directory; readable by its owner only.</summary>
    public static ProxyCertificate Write(ProxyIdentity proxy, CertificateAuthority authority, string directory, TimeSpan validity)
    {
        OwnerOnlyDirectory(directory);
        var paths = PathsIn(directory);
        var certificate = authority.Issue(proxy, validity);

        // In the order of CredentialFiles.InOrder.
        Replace(paths.Trust, CredentialFiles.Trust(authority.XdsBundle).Reveal().Span);
        Replace(paths.Certificate, CredentialFiles.Certificate(certificate.ChainPem, certificate.PrivateKeyPem).Reveal().Span);
        return certificate;
    }

    /// <summary>The bootstrap as YAML. It names the credentials' files and holds no secret.</summary>
    /// <param name="proxy">Whose.</param>
    /// <param name="controlPlane">Where the control plane is.</param>
    /// <param name="directory">Where its credentials lie.</param>
    /// <param name="added">What plugins add to it.</param>
    public static string Bootstrap(ProxyIdentity proxy, DnsEndPoint controlPlane, string directory, Bootstrap added)
        => EnvoyJson.ToYaml(ContributedBootstrap.Into(BootstrapConfig.Build(proxy, controlPlane, PathsIn(directory)), added));

    /// <summary>Writes a certificate that somebody else issued, with its key, and whom to believe.</summary>
    public static void Write(TrustBundle trust, string chainPem, SecretBytes privateKeyPem, string directory)
    {
        OwnerOnlyDirectory(directory);
        var paths = PathsIn(directory);
        Replace(paths.Trust, CredentialFiles.Trust(trust).Reveal().Span);
        Replace(paths.Certificate, CredentialFiles.Certificate(chainPem, privateKeyPem).Reveal().Span);
    }

    /// <summary>Replaces a file that holds nothing secret, as a whole.</summary>
    public static void WriteText(string path, string text) => Replace(path, System.Text.Encoding.UTF8.GetBytes(text));

    private static CredentialPaths PathsIn(string directory) => new(Path.GetFullPath(directory));

    private static void OwnerOnlyDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    // A reader never sees half a file, and nobody else ever sees the key.
    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
