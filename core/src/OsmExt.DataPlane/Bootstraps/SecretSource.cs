using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using OsmExt.DataPlane.Tls;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Bootstraps;

/// <summary>A secret of the bootstrap: written in it, or in a file that is read again for each connection, because it is renewed there.</summary>
internal sealed record SecretSource
{
    private readonly Secret? _inline;
    private readonly string _path = "";

    /// <summary>The secret itself.</summary>
    public static SecretSource Of(Secret secret) => new(secret, "", secret.Name);

    /// <summary>A file in the form in which Envoy follows files.</summary>
    public static SecretSource At(string path, string name) => new(null, path, name);

    private SecretSource(Secret? inline, string path, string name) => (_inline, _path, Name) = (inline, path, name);

    public string Name { get; }

    /// <summary>The file it is in; empty when it is in the bootstrap.</summary>
    public string Path => _path;

    /// <exception cref="SecretException">It cannot be read.</exception>
    public Secret Read()
    {
        if (_inline is not null)
        {
            return _inline;
        }

        try
        {
            var read = EnvoyReader.Read(File.ReadAllText(_path), DiscoveryResponse.Descriptor);
            if (read.Message is not DiscoveryResponse file)
            {
                // What is wrong is said by field and place; the text itself, which may be a key, is not.
                throw new SecretException($"{_path} is not a file of secrets: {string.Join("; ", read.Problems.Select(problem => $"{problem.Path} ({problem.Position})"))}");
            }

            return file.Resources.Select(EnvoyTypes.Unpack).OfType<Secret>().FirstOrDefault(secret => secret.Name == Name)
                ?? throw new SecretException($"{_path} has no secret {Name}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"{_path} cannot be read: {failure.Message}");
        }
    }

    /// <summary>The certificate with its chain and key.</summary>
    /// <exception cref="SecretException">It cannot be read, or is none.</exception>
    public (X509Certificate2 Own, X509Certificate2Collection Chain) ReadCertificate()
    {
        var certificate = Read().TlsCertificate ?? throw new SecretException($"secret {Name} is no certificate");
        try
        {
            return Pem.Pair(Text(certificate.CertificateChain), Text(certificate.PrivateKey));
        }
        catch (Exception failure) when (failure is System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new SecretException($"the certificate and key of secret {Name} cannot be used: {failure.Message}");
        }
    }

    /// <summary>Who is believed, and by which names.</summary>
    /// <exception cref="SecretException">It cannot be read, or believes nobody.</exception>
    public (X509Certificate2Collection Roots, CertificateValidationContext Context) ReadTrust()
    {
        var context = Read().ValidationContext ?? throw new SecretException($"secret {Name} is no validation context");
        try
        {
            var roots = Pem.Certificates(Text(context.TrustedCa));
            return roots.Count > 0 ? (roots, context) : throw new SecretException($"secret {Name} believes nobody: trusted_ca has no certificate");
        }
        catch (System.Security.Cryptography.CryptographicException failure)
        {
            throw new SecretException($"trusted_ca of secret {Name} cannot be used: {failure.Message}");
        }
    }

    private static string Text(DataSource? source) => source?.SpecifierCase switch
    {
        DataSource.SpecifierOneofCase.InlineString => source.InlineString,
        DataSource.SpecifierOneofCase.InlineBytes => source.InlineBytes.ToStringUtf8(),
        DataSource.SpecifierOneofCase.Filename => ReadFile(source.Filename),
        _ => "",
    };

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"{path} cannot be read: {failure.Message}");
        }
    }
}

/// <summary>A secret that cannot be had. The message holds none.</summary>
/// <param name="message">What is wrong.</param>
internal sealed class SecretException(string message) : Exception(message);
