using System.Text;
using System.Text.Json;

namespace OsmExt.Identity.Roots;

/// <summary>Which root does what, on disk. It names roots and holds no key.</summary>
internal sealed class RootStateFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Null when nothing has been written yet.</summary>
    public RootState? Read(string firstTrustDomain)
    {
        try
        {
            return !File.Exists(path) ? null : RootStateText.Read(File.ReadAllText(path), firstTrustDomain);
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.Unreadable,
                $"{path} cannot be read ({failure.Message}). It says which root signs: restore it from a backup.", failure);
        }
    }

    public void Write(RootState state)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The roots' protection rests on Unix file modes.");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using (var file = new FileStream($"{path}.new", options))
            {
                file.Write(Encoding.UTF8.GetBytes(RootStateText.Of(state)));
                file.Flush(flushToDisk: true);
            }

            File.Move($"{path}.new", path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.CannotCreate,
                $"{path} cannot be written ({failure.Message}). Give the state directory space, and to this user.", failure);
        }
    }
}
