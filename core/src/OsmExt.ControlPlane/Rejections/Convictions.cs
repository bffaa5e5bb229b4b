using OsmExt.Compiler.Contributions;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>What was found guilty, as long as there is room: who has been convicted longest is forgotten first, and found again if it is still there.</summary>
internal sealed class Convictions
{
    private const int Most = 1000;
    private readonly Queue<QuarantineEntry> _entries = new();

    public IEnumerable<QuarantineEntry> All => _entries;

    public void Add(QuarantineEntry entry)
    {
        _entries.Enqueue(entry);
        if (_entries.Count > Most)
        {
            _entries.Dequeue();
        }
    }
}
