using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using OsmExt.Identity.Files;
using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;
using OsmExt.Yaml;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>
/// Writes statuses of objects that came from files into a directory beside: <c>NAMESPACE/KIND/NAME.yaml</c>. Each file is replaced as a whole.
/// The directory is the mesh's own: what it does not know there goes.
/// </summary>
internal sealed partial class StatusDirectory(string directory, ILogger<StatusDirectory> logger) : IStatusSink
{
    public async Task<IReadOnlyList<ObjectStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        var statuses = new List<ObjectStatus>();
        foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToArray() : [])
        {
            var status = Parse(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false));
            if (status is not null && FileOf(status.Object) == file)
            {
                statuses.Add(status);
            }
            else
            {
                File.Delete(file);
            }
        }

        return statuses;
    }

    public Task WriteAsync(IReadOnlyList<ObjectStatus> changed, IReadOnlyList<ResourceKey> gone, CancellationToken cancellationToken)
    {
        foreach (var status in changed)
        {
            // What could not be read may be called anything.
            if (FileOf(status.Object) is not { } file)
            {
                Log.NoFile(logger, status.Object);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            cancellationToken.ThrowIfCancellationRequested();
            FileExchange.Replace(
                file, Encoding.UTF8.GetBytes(YamlWriter.Write(StatusDocument.Of(status))), FileExchange.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead, Path.Combine(directory, FileExchange.Unfinished), flush: false);
        }

        // A directory that never came about holds none of them.
        foreach (var file in gone.Select(FileOf).OfType<string>().Where(File.Exists))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }

    private string? FileOf(ResourceKey key)
        => Kind().IsMatch(key.Kind) && Name().IsMatch(key.Name) && (key.Namespace.Length == 0 || Name().IsMatch(key.Namespace))
            ? Path.Combine(directory, key.Namespace.Length == 0 ? "_cluster" : key.Namespace, key.Kind, $"{key.Name}.yaml") : null;

    private static ObjectStatus? Parse(string text) => YamlText.Read(text) is ({ Count: 1 } documents, { Count: 0 }) ? StatusDocument.Read(YamlJson.Of(documents[0].Root)) : null;

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]{0,62}\z")]
    private static partial Regex Kind();

    // With its ending a file's name has up to 255 bytes.
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9.]{0,248}[a-z0-9])?\z")]
    private static partial Regex Name();

    private static partial class Log
    {
        [LoggerMessage(5061, LogLevel.Debug, "{Object} has no name that a file may have, so its status is not written")]
        public static partial void NoFile(ILogger logger, ResourceKey @object);
    }
}
