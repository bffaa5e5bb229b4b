namespace OsmExt.Identity.Files;

/// <summary>
/// Exchanges a file as a whole. Whoever reads it after a crash at any moment, of the process or of the machine, finds what was
/// there or what is to be there; and when the disk is full what was there stays.
/// </summary>
internal static class FileExchange
{
    /// <summary>What a crash may leave behind, beside the file, until it is written again.</summary>
    public const string Unfinished = ".unfinished";

    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="path">The file; its directory exists.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="mode">Who may use it.</param>
    /// <param name="unfinished">Where to write it first, on the same disk; beside it unless told otherwise.</param>
    /// <param name="flush">False for what can be made anew: after a crash of the machine, not of the process, it may be torn.</param>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly, string? unfinished = null, bool flush = true)
    {
        unfinished ??= path + Unfinished;
        File.Delete(unfinished);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            creation.UnixCreateMode = mode;
        }

        try
        {
            using (var file = new FileStream(unfinished, creation))
            {
                file.Write(content);
                file.Flush(flushToDisk: flush);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (IOException)
        {
            // It takes room that others need.
            File.Delete(unfinished);
            throw;
        }
    }
}
