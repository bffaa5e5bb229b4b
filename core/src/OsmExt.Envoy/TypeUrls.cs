using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy;

/// <summary>Type URLs of the discovery types, in Envoy's make-before-break order.</summary>
internal static class TypeUrls
{
    public const string Prefix = "type.googleapis.com/";
    public const string Cluster = Prefix + "envoy.config.cluster.v3.Cluster";
    public const string Endpoint = Prefix + "envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string Listener = Prefix + "envoy.config.listener.v3.Listener";
    public const string Route = Prefix + "envoy.config.route.v3.RouteConfiguration";
    public const string VirtualHost = Prefix + "envoy.config.route.v3.VirtualHost";
    public const string Secret = Prefix + "envoy.extensions.transport_sockets.tls.v3.Secret";

    /// <summary>The order in which changes are sent; removals go the other way round.</summary>
    public static IReadOnlyList<string> PushOrder { get; } = [Cluster, Endpoint, Listener, Route, VirtualHost, Secret];

    // Asked for each message that is packed or sent.
    private static readonly ConditionalWeakTable<MessageDescriptor, string> ByType = [];

    public static string Of(MessageDescriptor descriptor) => ByType.GetValue(descriptor, static type => Prefix + type.FullName);

    /// <summary>The message name inside, whatever stands before the last slash.</summary>
    public static string NameOf(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('/') + 1)..];

    /// <summary>The last part of the message name, as people say it: <c>Cluster</c>, <c>ClusterLoadAssignment</c>.</summary>
    public static string ShortName(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('.') + 1)..];
}
