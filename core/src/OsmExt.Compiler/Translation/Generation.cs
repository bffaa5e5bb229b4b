using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Writes into a filter chain's or virtual host's metadata a digest of all the rest of it, so that a log of requests can say which configuration
/// served one. It is the same for the same configuration, so that it is no reason to send anything again.
/// </summary>
internal static class Generation
{
    private const string Field = "generation";
    private const int Length = 12;

    public static bool IsRead(ScopeContributions contributions) => contributions.Read(MeshMetadata.Generation);

    public static void Mark(FilterChain chain, ScopeContributions contributions)
    {
        if (IsRead(contributions))
        {
            chain.Metadata = With(chain.Metadata, chain);
        }
    }

    public static void Mark(VirtualHost host, ScopeContributions contributions)
    {
        if (IsRead(contributions))
        {
            Mark(host);
        }
    }

    public static void Mark(VirtualHost host)
    {
        // A host that is sent by itself has another name, and means the same.
        var nameless = host.Clone();
        nameless.Name = "";
        host.Metadata = With(host.Metadata, nameless);
    }

    private static Metadata With(Metadata? metadata, IMessage of)
    {
        var digest = XdsResource.Hash(XdsResource.Serialize(of))[..Length];
        var marked = metadata?.Clone() ?? new();
        if (!marked.FilterMetadata.TryGetValue(Provenance.Key, out var fields))
        {
            marked.FilterMetadata[Provenance.Key] = fields = new();
        }

        fields.Fields[Field] = Value.ForString(digest);
        return marked;
    }
}
