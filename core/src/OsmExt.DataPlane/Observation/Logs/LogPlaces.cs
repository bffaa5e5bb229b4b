using System.Collections.Concurrent;

namespace OsmExt.DataPlane.Observation.Logs;

/// <summary>Where access logs go; each place is opened once, when the first line for it comes.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal sealed class LogPlaces(TextWriter output, TextWriter error) : IAsyncDisposable
{
    private readonly Lazy<LogWriter> _output = new(() => LogWriter.To(output));
    private readonly Lazy<LogWriter> _error = new(() => LogWriter.To(error));
    private readonly ConcurrentDictionary<string, Lazy<LogWriter?>> _files = new(StringComparer.Ordinal);

    public LogWriter Output => _output.Value;

    public LogWriter Error => _error.Value;

    /// <summary>Lines that were left out, in all.</summary>
    public long LeftOut => Opened.Sum(writer => writer.LeftOut);

    /// <summary>A file; null when it cannot be opened, which does not stop the traffic it is about.</summary>
    public LogWriter? File(string path) => _files.GetOrAdd(path, static file => new(() => Open(file))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in Opened.ToArray())
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IEnumerable<LogWriter> Opened => new[] { _output, _error }.Where(writer => writer.IsValueCreated).Select(writer => writer.Value)
        .Concat(_files.Values.Where(writer => writer.IsValueCreated).Select(writer => writer.Value).OfType<LogWriter>());

    private static LogWriter? Open(string path)
    {
        try
        {
            return LogWriter.ToFile(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
