namespace OsmExt.Sdk.Plugins;

/// <summary>Settings of the MeshConfig that the mesh itself does nothing about: a plugin with a slot for it carries one out.</summary>
public enum MeshSetting
{
    /// <summary>Requests are counted by source and destination workload (<c>featureFlags.enableWASMStats</c>).</summary>
    TrafficMetrics,

    /// <summary>Spans of requests are sent to a collector (<c>observability.tracing</c>).</summary>
    Tracing,

    /// <summary>
    /// Requests that reach a pod are judged by an authorization server (<c>traffic.inboundExternalAuthorization</c>). Where no plugin's filter
    /// does it, no request is let in.
    /// </summary>
    InboundAuthorization,
}
