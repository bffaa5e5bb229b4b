using System.Security.Cryptography;

namespace OsmExt.Identity.Tests;

internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("osmext-identity-").FullName;

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>The whole tree as text: what is where, with which content.</summary>
    public string Fingerprint() => string.Join(
        '\n',
        Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
