namespace OsmExt.Xds.Server.Connections;

/// <summary>Counts who is there, by key, and lets in no more than a number altogether and a number for each key.</summary>
internal sealed class Occupancy<TKey>(int atMost, int forEach)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _counts = [];
    private int _all;

    public int Count => Volatile.Read(ref _all);

    public bool TryEnter(TKey key)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(key);
            if (_all >= atMost || count >= forEach)
            {
                return false;
            }

            _counts[key] = count + 1;
            _all++;
            return true;
        }
    }

    public void Leave(TKey key)
    {
        lock (_lock)
        {
            _all--;
            if (--_counts[key] is 0)
            {
                _counts.Remove(key);
            }
        }
    }
}
