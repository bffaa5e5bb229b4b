using System.Text;
using System.Text.Json;
using OsmExt.Identity.Files;

namespace OsmExt.Identity.Roots;

/// <summary>Which root does what, on disk. It names roots and holds no key.</summary>
internal sealed class RootStateFile(string path)
{
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
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, FileExchange.OwnerOnly | UnixFileMode.UserExecute);
            FileExchange.Replace(path, Encoding.UTF8.GetBytes(RootStateText.Of(state)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CertificateAuthorityException(CertificateAuthorityError.CannotCreate,
                $"{path} cannot be written ({failure.Message}). Give the state directory space, and to this user.", failure);
        }
    }
}
