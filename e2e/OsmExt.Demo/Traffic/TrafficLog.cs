using System.Text;

namespace OsmExt.Demo.Traffic;

/// <summary>Follows what the applications print, and remembers the last minutes of it.</summary>
internal sealed class TrafficLog(string logs)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Tail> _tails = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Queue<Exchange> _exchanges = new();

    /// <summary>Follows until told to stop.</summary>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        while (true)
        {
            foreach (var file in Directory.EnumerateFiles(logs, "*.out.log", SearchOption.AllDirectories))
            {
                Take(file);
            }

            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    /// <summary>What was sent since a moment, as far as it has been answered.</summary>
    public IReadOnlyList<Exchange> Since(DateTimeOffset moment)
    {
        lock (_gate)
        {
            return [.. _exchanges.Where(exchange => exchange.Start >= moment).OrderBy(exchange => exchange.Start)];
        }
    }

    private void Take(string file)
    {
        if (!_tails.TryGetValue(file, out var tail))
        {
            // NAMESPACE.POD/CONTAINER.out.log
            var folder = Path.GetFileName(Path.GetDirectoryName(file)!);
            _tails[file] = tail = new(folder[(folder.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        }

        var exchanges = tail.Read(file).Select(line => Exchange.Parse(tail.Pod, line)).OfType<Exchange>().ToArray();
        var oldest = TimeProvider.System.GetUtcNow() - Remembered;
        lock (_gate)
        {
            foreach (var exchange in exchanges)
            {
                _exchanges.Enqueue(exchange);
            }

            while (_exchanges.TryPeek(out var first) && first.Start < oldest)
            {
                _exchanges.Dequeue();
            }
        }
    }

    private sealed class Tail(string pod)
    {
        private long _position;

        public string Pod => pod;

        /// <summary>The lines that were completed since the last look.</summary>
        public string[] Read(string path)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Max(0, file.Length - _position)];
            file.Position = _position;
            file.ReadExactly(bytes);
            var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            _position += end;
            return Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }
}
