using System.Diagnostics.CodeAnalysis;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Work that waits, in a line for each namespace. Lines take turns, so how long anybody waits depends on how many namespaces want
/// something, and not on how much one of them wants. Used by one thread.
/// </summary>
internal sealed class FairLines<T>
{
    private readonly Dictionary<string, Queue<T>> _lines = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();

    public int Count { get; private set; }

    public void Add(string line, T work)
    {
        if (!_lines.TryGetValue(line, out var queue))
        {
            _lines[line] = queue = new();
            _turns.Enqueue(line);
        }

        queue.Enqueue(work);
        Count++;
    }

    public bool TryTake([MaybeNullWhen(false)] out T work)
    {
        if (!_turns.TryDequeue(out var line))
        {
            work = default;
            return false;
        }

        var queue = _lines[line];
        work = queue.Dequeue();
        Count--;
        if (queue.Count > 0)
        {
            _turns.Enqueue(line);
        }
        else
        {
            _lines.Remove(line);
        }

        return true;
    }
}
