using System.Collections.Concurrent;
using System.Text;

namespace OsmExt.Fleet.Proxies;

/// <summary>
/// A name that is new to the mesh, and since when each proxy has it: in each type of resource that it comes in, what counts is the first time. So that whatever else changes
/// meanwhile, and is sent again with the name in it, does not count.
/// </summary>
internal sealed class Watched(string name)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
    private readonly ConcurrentDictionary<(string Proxy, string TypeUrl), long> _first = new();

    /// <summary>For each proxy that has it, since when it has it everywhere, as a timestamp.</summary>
    public long[] CompleteAt => [.. _first.GroupBy(entry => entry.Key.Proxy, StringComparer.Ordinal).Select(proxy => proxy.Max(entry => entry.Value))];

    public void Look(string proxy, string typeUrl, ReadOnlySpan<byte> response, long at)
    {
        if (response.IndexOf(_name) >= 0)
        {
            _first.TryAdd((proxy, typeUrl), at);
        }
    }
}
