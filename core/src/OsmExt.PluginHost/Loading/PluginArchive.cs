using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace OsmExt.PluginHost.Loading;

/// <summary>A plugin's files as one archive. The same files give the same bytes, whenever and wherever it is made.</summary>
internal static class PluginArchive
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <param name="files">The files.</param>
    /// <param name="folder">The folder they are put in.</param>
    /// <param name="signature">Their signature, which is one more file; null for none.</param>
    /// <param name="target">Takes the archive, a gzipped tar.</param>
    public static void Write(PluginFiles files, string folder, string? signature, Stream target)
    {
        using var zipped = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);
        using var archive = new TarWriter(zipped, TarEntryFormat.Ustar, leaveOpen: true);
        var signed = signature is null ? [] : new[] { KeyValuePair.Create(PluginSignature.FileName, Encoding.UTF8.GetBytes(signature)) };
        foreach (var (path, content) in files.All.Concat(signed))
        {
            using var data = new MemoryStream(content, writable: false);
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/{path}") { ModificationTime = DateTimeOffset.UnixEpoch, Mode = Mode, DataStream = data });
        }
    }
}
