using Envoy.Config.Cluster.V3;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// After which change of the trust domain a cluster's connections were opened, in its metadata. Rules are asked about each request,
/// but a connection keeps the name that it was opened with, for hours when it is busy. A cluster whose configuration differs in
/// anything is made anew by Envoy, and its connections with it: those that exist finish what they carry and take no more.
/// </summary>
internal static class ConnectionMark
{
    private const string Field = "connections_after_trust_domain_change";

    /// <param name="cluster">One with mutual TLS.</param>
    /// <param name="change">The first is 1; 0 leaves the cluster unmarked.</param>
    public static void Write(Cluster cluster, int change)
    {
        if (change == 0)
        {
            return;
        }

        cluster.Metadata ??= new();
        if (!cluster.Metadata.FilterMetadata.TryGetValue(Provenance.Key, out var fields))
        {
            cluster.Metadata.FilterMetadata[Provenance.Key] = fields = new();
        }

        fields.Fields[Field] = Value.ForNumber(change);
    }

    /// <summary>What <see cref="Write"/> wrote; null for a cluster without mutual TLS, whose connections have no name.</summary>
    public static int? Read(Cluster cluster)
        => cluster.TransportSocket is null ? null
            : cluster.Metadata?.FilterMetadata is { } metadata && metadata.TryGetValue(Provenance.Key, out var fields)
                && fields.Fields.TryGetValue(Field, out var change) ? (int)change.NumberValue : 0;
}
