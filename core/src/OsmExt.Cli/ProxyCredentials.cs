using System.Net;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Cli;

/// <summary>What a sidecar starts with: its bootstrap, and beside it the certificate it proves itself with.</summary>
internal static class ProxyCredentials
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes certificate, key and roots into a directory, readable by its owner only.</summary>
    public static CredentialPaths Write(ProxyIdentity proxy, CertificateAuthority authority, string directory)
    {
        OwnerOnlyDirectory(directory);
        var paths = new CredentialPaths(Path.GetFullPath(directory));
        var certificate = authority.Issue(proxy, new IdentityOptions().ProxyCertificateValidity);
        Replace(paths.Key, certificate.PrivateKeyPem.Reveal().Span);
        Replace(paths.Certificate, System.Text.Encoding.ASCII.GetBytes(certificate.ChainPem));
        Replace(paths.Roots, System.Text.Encoding.ASCII.GetBytes(authority.XdsBundle.Pem));
        return paths;
    }

    /// <summary>The bootstrap as YAML. It names the credentials' files and holds no secret.</summary>
    public static string Bootstrap(ProxyIdentity proxy, DnsEndPoint controlPlane, CredentialPaths paths)
        => EnvoyJson.ToYaml(BootstrapConfig.Build(proxy, controlPlane, paths));

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
