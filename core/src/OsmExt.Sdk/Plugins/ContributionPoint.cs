namespace OsmExt.Sdk.Plugins;

/// <summary>What can be contributed to a proxy's configuration, and what a contribution to it consists of.</summary>
public enum ContributionPoint
{
    /// <summary>A filter of HTTP requests: its configuration, with its <c>@type</c>.</summary>
    HttpFilter,

    /// <summary>A filter of connections, before their HTTP is read if they carry any: its configuration, with its <c>@type</c>.</summary>
    NetworkFilter,

    /// <summary>What an HTTP filter of the same plugin does for one virtual host: its configuration there, with its <c>@type</c>.</summary>
    VirtualHostConfig,

    /// <summary>
    /// A <c>VirtualHost</c> for requests that leave the pod on the port its target names. Its name begins with the plugin's id and a bar;
    /// host names that services of the mesh have stay theirs.
    /// </summary>
    VirtualHost,

    /// <summary>A log of HTTP requests: an <c>AccessLog</c> without a name.</summary>
    AccessLog,

    /// <summary>Tracing of HTTP requests: <c>HttpConnectionManager.Tracing</c>. There is one in a place, whoever brings it.</summary>
    Tracing,

    /// <summary>A <c>Cluster</c>. Its name begins with the plugin's id and a bar.</summary>
    Cluster,

    /// <summary>A <c>Listener</c>. Its name begins with the plugin's id and a bar.</summary>
    Listener,

    /// <summary>
    /// A <c>FilterChain</c>: inbound of the listener for connections to the pod, outbound of the one for connections from the pod to the
    /// port its target names. Its name begins with the plugin's id and a bar. Connections of the mesh's services stay theirs.
    /// </summary>
    FilterChain,

    /// <summary>
    /// Changes to finished resources: which ones (<c>resource</c>, <c>name</c>), and what becomes of their fields (<c>set</c>). They come
    /// last, after everything else that anybody contributes.
    /// </summary>
    Patch,

    /// <summary>
    /// Where traffic to a service of the mesh goes instead of to itself: <c>backends</c>, each with a <c>service</c> of its namespace and a
    /// <c>weight</c>. It is what a TrafficSplit does, for whoever calls the service.
    /// </summary>
    Weights,

    /// <summary>
    /// Routes for requests to a service of the mesh, before the mesh's own: <c>routes</c>, Envoy's <c>Route</c> messages. They lead to
    /// <c>NAMESPACE/SERVICE|PORT</c>, redirect, or answer.
    /// </summary>
    Route,

    /// <summary>
    /// A part of what proxies start with: a <c>Bootstrap</c> with statistics, overload and runtime settings only. A proxy that runs has to start
    /// anew to get it.
    /// </summary>
    Bootstrap,

    /// <summary>A tag of statistics, as a part of what proxies start with: a <c>TagSpecifier</c>.</summary>
    StatsTag,
}

/// <summary>Which way traffic goes, seen from the pod.</summary>
public enum Direction
{
    /// <summary>Towards the pod.</summary>
    Inbound,

    /// <summary>From the pod.</summary>
    Outbound,

    /// <summary>
    /// Towards the pod, from where there is no mesh: through filter chains that plugins bring. For logs and tracing, which are then
    /// part of every HTTP connection manager of such a chain, whoever brought it.
    /// </summary>
    Ingress,
}
