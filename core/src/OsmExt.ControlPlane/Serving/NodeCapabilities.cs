using Envoy.Config.Core.V3;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Protocol;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Reads what a proxy can do from its first request. Many proxies say the same, word for word, so what was read once is shared.
/// </summary>
internal sealed class NodeCapabilities
{
    // More different builds than this in one mesh are not worth remembering.
    private const int Remembered = 32;

    // What OsmExt.DataPlane calls itself.
    private const string Embedded = "osmext";

    private readonly Lock _lock = new();
    private readonly List<Known> _known = [];

    public ProxyCapabilities Of(Node node, XdsVariant variant)
    {
        var said = Said(node, variant);
        lock (_lock)
        {
            if (_known.Find(known => known.Hash == said.Hash && known.Says(said)) is { } known)
            {
                return known.Capabilities;
            }

            if (_known.Count < Remembered)
            {
                _known.Add(said);
            }

            return said.Capabilities;
        }
    }

    private static Known Said(Node node, XdsVariant variant)
    {
        var version = node.UserAgentBuildVersion?.Version is { } number
            ? $"{number.MajorNumber}.{number.MinorNumber}.{number.Patch}"
            : node.UserAgentVersionTypeCase == Node.UserAgentVersionTypeOneofCase.UserAgentVersion ? node.UserAgentVersion : "";
        return new(version, [.. node.Extensions.SelectMany(extension => extension.TypeUrls)], variant == XdsVariant.Delta, node.UserAgentName == Embedded);
    }

    // As it was said: bringing hundreds of names into order is most of the work.
    private sealed class Known(string version, string[] types, bool incremental, bool isEmbedded)
    {
        private ProxyCapabilities? _capabilities;

        public int Hash { get; } = types.Aggregate(HashCode.Combine(version, incremental, isEmbedded, types.Length), static (hash, type) => HashCode.Combine(hash, type));

        public ProxyCapabilities Capabilities => _capabilities ??= new(version, types.Length == 0 ? Compiler.Translation.Capabilities.Baseline.TypeUrls : types)
        {
            Incremental = incremental,
            IsEmbedded = isEmbedded,
        };

        public bool Says(Known other) => (version, incremental, isEmbedded) == other.Rest && types.AsSpan().SequenceEqual(other.Types);

        private (string, bool, bool) Rest => (version, incremental, isEmbedded);

        private string[] Types => types;
    }
}
