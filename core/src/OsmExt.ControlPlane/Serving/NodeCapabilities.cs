using Envoy.Config.Core.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Protocol;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Reads what a proxy can do from its first request: a version that is one, and names that types may have. Many proxies say the same, so what was read is shared for as long as anybody has it.
/// </summary>
internal sealed class NodeCapabilities
{
    // What OsmExt.DataPlane calls itself.
    private const string Embedded = "osmext";
    private const int FewBuilds = 64;
    private const int LongestName = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<WeakReference<ProxyCapabilities>>> _known = [];
    private int _forgetAt = FewBuilds;
    private int _count;

    public ProxyCapabilities Of(Node node, XdsVariant variant)
    {
        var said = new Said(VersionOf(node), TypesOf(node), variant == XdsVariant.Delta, node.UserAgentName == Embedded);
        lock (_lock)
        {
            if (!_known.TryGetValue(said.Hash, out var alike))
            {
                _known[said.Hash] = alike = [];
            }

            foreach (var known in alike)
            {
                if (known.TryGetTarget(out var capabilities) && said.Is(capabilities))
                {
                    return capabilities;
                }
            }

            var read = said.Read();
            alike.Add(new(read));
            ForgetUnused_NeedsLock();
            return read;
        }
    }

    /// <summary>How many different builds are remembered, some of which nobody may have any more.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    private void ForgetUnused_NeedsLock()
    {
        if (++_count < _forgetAt)
        {
            return;
        }

        foreach (var (hash, alike) in _known.ToArray())
        {
            _count -= alike.RemoveAll(known => !known.TryGetTarget(out _));
            if (alike.Count == 0)
            {
                _known.Remove(hash);
            }
        }

        _forgetAt = Math.Max(FewBuilds, 2 * _count);
    }

    private static string VersionOf(Node node)
    {
        var said = node.UserAgentBuildVersion?.Version is { } number
            ? $"{number.MajorNumber}.{number.MinorNumber}.{number.Patch}"
            : node.UserAgentVersionTypeCase == Node.UserAgentVersionTypeOneofCase.UserAgentVersion ? node.UserAgentVersion : "";
        return Version.TryParse(said, out var version) ? version.ToString() : "";
    }

    // A proxy that lists extensions by names that are none has listed them all the same.
    private static HashSet<string>? TypesOf(Node node)
    {
        var types = node.Extensions.SelectMany(extension => extension.TypeUrls);
        return types.Any() ? types.Where(IsName).ToHashSet(StringComparer.Ordinal) : null;
    }

    private static bool IsName(string type) => type.Length is > 0 and <= LongestName && type.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_');

    private sealed class Said(string version, HashSet<string>? types, bool incremental, bool isEmbedded)
    {
        // The order in which types are said means nothing.
        public int Hash { get; } = HashCode.Combine(version, incremental, isEmbedded, (types ?? []).Aggregate(0, static (sum, type) => unchecked(sum + string.GetHashCode(type, StringComparison.Ordinal))));

        public bool Is(ProxyCapabilities known) => known.Version == version && known.Incremental == incremental && known.IsEmbedded == isEmbedded
            && (types is null ? known.TypeUrls.SetEquals(Capabilities.Baseline.TypeUrls) : known.TypeUrls.SetEquals(types));

        public ProxyCapabilities Read() => new(version, types ?? (IEnumerable<string>)Capabilities.Baseline.TypeUrls) { Incremental = incremental, IsEmbedded = isEmbedded };
    }
}
