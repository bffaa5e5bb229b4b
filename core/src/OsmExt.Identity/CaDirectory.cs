using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity;

/// <summary>
/// The root on disk, <c>STATE/ca/root.crt</c> and <c>STATE/ca/root.key</c>. It is created once: written to a directory of its
/// own and renamed to its name when complete. A crash before the rename leaves no root, one after it a whole root, and of
/// several processes one has its directory renamed while the others load it.
/// </summary>
internal sealed partial class CaDirectory(string stateDirectory, TimeProvider time, ILogger<CaDirectory> logger)
{
    private const string CertificateName = "root.crt";
    private const string KeyName = "root.key";
    private const string UnfinishedPrefix = ".ca-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode OtherRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OtherWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others = OtherRead | OtherWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // Warned of early enough to plan.
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(90);

    private readonly string _directory = Path.Combine(stateDirectory, "ca");

    private string CertificateFile => Path.Combine(_directory, CertificateName);

    private string KeyFile => Path.Combine(_directory, KeyName);

    /// <exception cref="CertificateAuthorityException">Says which file and what to do.</exception>
    public RootCertificate LoadOrCreate()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The key's protection rests on Unix file modes.");
        }

        if (!Exists())
        {
            Create();
        }

        var root = Load();
        RemoveUnfinished(UnfinishedPrefix + "*");
        return root;
    }

    [UnsupportedOSPlatform("windows")]
    private RootCertificate Load()
    {
        RequirePrivate(_directory, OtherWrite, "may be changed by others", "chmod 700");
        var certificate = Encoding.UTF8.GetString(Read(CertificateFile));
        RequirePrivate(KeyFile, Others, "may be used by others", "chmod 600");
        var bytes = Read(KeyFile);
        var key = Encoding.UTF8.GetChars(bytes);
        try
        {
            var now = time.GetUtcNow();
            var root = new RootCertificateReader(CertificateFile, KeyFile).Read(certificate, key, now);
            Log.RootLoaded(logger, CertificateFile, root.KeyId, root.Window.NotAfter);
            if (root.Window.NotAfter - now < EndsSoon)
            {
                Log.RootEndsSoon(logger, CertificateFile, root.Window.NotAfter);
            }

            return root;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(key);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private void Create()
    {
        var name = UnfinishedPrefix + RandomNumberGenerator.GetHexString(16, lowercase: true);
        var unfinished = Path.Combine(stateDirectory, name);
        try
        {
            Directory.CreateDirectory(stateDirectory, OwnerDirectory);
            Directory.CreateDirectory(unfinished, OwnerDirectory);
            using var root = RootCertificate.Create(time.GetUtcNow());
            Write(Path.Combine(unfinished, KeyName), root.ExportKey().Reveal().Span, OwnerOnly);
            Write(Path.Combine(unfinished, CertificateName), Encoding.ASCII.GetBytes(root.Pem), OwnerOnly | OtherRead);
            Publish(unfinished);
            Log.RootCreated(logger, CertificateFile, root.KeyId);
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            // Whatever failed, another process may have been faster, and may have removed what we had begun.
            if (!Exists())
            {
                RemoveUnfinished(name);
                throw Fail(
                    CertificateAuthorityError.CannotCreate, _directory, $"cannot be created ({exception.Message})",
                    "Make its parent a directory this user may write to", exception);
            }
        }
    }

    // A name that is taken makes the move fail, except by an empty directory, which is no root: a crashed or careless
    // preparation leaves one. Only an empty directory can be deleted this way.
    private void Publish(string unfinished)
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory);
        }

        Directory.Move(unfinished, _directory);
    }

    private bool Exists()
    {
        try
        {
            return Path.Exists(_directory) && (!Directory.Exists(_directory) || Directory.EnumerateFileSystemEntries(_directory).Any());
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            throw Unreadable(_directory, exception);
        }
    }

    // With a root in place what anyone left unfinished can never become one; the keys in there are worth nothing, but are keys.
    private void RemoveUnfinished(string pattern)
    {
        try
        {
            foreach (var unfinished in Directory.GetDirectories(stateDirectory, pattern))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Never begun, or being removed by another process.
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            Log.UnfinishedKept(logger, stateDirectory, exception.Message);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private void RequirePrivate(string path, UnixFileMode forbidden, string what, string command)
    {
        if ((Try(File.GetUnixFileMode, path) & forbidden) != 0)
        {
            throw Fail(CertificateAuthorityError.KeyExposed, path, what, $"Run '{command} {path}'");
        }
    }

    private byte[] Read(string path) => Try(File.ReadAllBytes, path);

    private T Try<T>(Func<string, T> operation, string path)
    {
        try
        {
            return operation(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Fail(
                CertificateAuthorityError.Incomplete, path, "is missing",
                $"Restore it from a backup, or move {_directory} away to have a new root created and give every proxy a new bootstrap", exception);
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            throw Unreadable(path, exception);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);

        // The mode at creation is what the umask leaves of it.
        File.SetUnixFileMode(file.SafeFileHandle, mode);
    }

    private static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private static CertificateAuthorityException Unreadable(string path, Exception inner)
        => Fail(CertificateAuthorityError.Unreadable, path, $"cannot be read ({inner.Message})", "It must be a file of this user", inner);

    private static CertificateAuthorityException Fail(
        CertificateAuthorityError error, string path, string what, string advice, Exception? inner = null)
        => new(error, $"{path} {what}. {advice}.", inner);

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "Created the root certificate {File}, key {KeyId}.")]
        public static partial void RootCreated(ILogger logger, string file, string keyId);

        [LoggerMessage(4002, LogLevel.Information, "Loaded the root certificate {File}, key {KeyId}, valid until {NotAfter}.")]
        public static partial void RootLoaded(ILogger logger, string file, string keyId, DateTimeOffset notAfter);

        [LoggerMessage(4003, LogLevel.Warning, "The root certificate {File} ends at {NotAfter}. Plan its replacement by a MeshRootCertificate.")]
        public static partial void RootEndsSoon(ILogger logger, string file, DateTimeOffset notAfter);

        [LoggerMessage(4004, LogLevel.Warning, "Could not remove unfinished roots from {Directory}: {Reason}")]
        public static partial void UnfinishedKept(ILogger logger, string directory, string reason);
    }
}
