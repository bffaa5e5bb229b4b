using Envoy.Config.Core.V3;
using OsmExt.Compiler.Translation;
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
    private readonly List<ProxyCapabilities> _known = [];

    public ProxyCapabilities Of(Node node, XdsVariant variant)
    {
        var version = node.UserAgentBuildVersion?.Version is { } number
            ? $"{number.MajorNumber}.{number.MinorNumber}.{number.Patch}"
            : node.UserAgentVersionTypeCase == Node.UserAgentVersionTypeOneofCase.UserAgentVersion ? node.UserAgentVersion : "";
        var types = node.Extensions.SelectMany(extension => extension.TypeUrls).ToArray();
        return Share(new(version, types.Length == 0 ? Capabilities.Baseline.TypeUrls : types) 
        {
            Incremental = variant == XdsVariant.Delta,
            IsEmbedded = node.UserAgentName == Embedded,
        });
    }

    private ProxyCapabilities Share(ProxyCapabilities read)
    {
        lock (_lock)
        {
            if (_known.Find(read.Equals) is { } known)
            {
                return known;
            }

            if (_known.Count < Remembered)
            {
                _known.Add(read);
            }

            return read;
        }
    }
}
