using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using OsmExt.Envoy;

namespace OsmExt.Fleet.Proxies;

/// <summary>Every name that any proxy of the process has met. Looking one up makes no garbage.</summary>
internal sealed class ResourceTable
{
    private const int LongestOnStack = 512;
    private readonly FrozenDictionary<string, ConcurrentDictionary<string, ResourceName>> _types
        = TypeUrls.PushOrder.ToFrozenDictionary(type => type, _ => new ConcurrentDictionary<string, ResourceName>(StringComparer.Ordinal), StringComparer.Ordinal);

    public ResourceName Get(string typeUrl, string name) => _types[typeUrl].GetOrAdd(name, static (text, type) => new(type, text), typeUrl);

    public ResourceName Get(string typeUrl, ReadOnlySpan<byte> name)
    {
        var names = _types[typeUrl];
        Span<char> text = name.Length <= LongestOnStack ? stackalloc char[name.Length] : new char[name.Length];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        return names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known) ? known : Get(typeUrl, text.ToString());
    }
}
