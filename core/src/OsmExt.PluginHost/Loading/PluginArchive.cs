using System.Formats.Tar;
using System.IO.Compression;

namespace OsmExt.PluginHost.Loading;

/// <summary>A plugin's files as one archive. The same files give the same bytes, whenever and wherever it is made.</summary>
internal static class PluginArchive
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="files">The files.</param>
    /// <param name="folder">The folder they are put in.</param>
    /// <param name="target">Takes the archive, a gzipped tar.</param>
    public static void Write(PluginFiles files, string folder, Stream target)
    {
        using var zipped = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);
        using var archive = new TarWriter(zipped, TarEntryFormat.Ustar, leaveOpen: true);
        foreach (var (path, content) in files.All)
        {
            using var data = new MemoryStream(content, writable: false);
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/{path}") { ModificationTime = DateTimeOffset.UnixEpoch, Mode = Mode, DataStream = data });
        }
    }
}
