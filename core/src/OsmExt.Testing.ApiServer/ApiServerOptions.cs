using System.Net;

namespace OsmExt.Testing.ApiServer;

/// <summary>How an <see cref="ApiServer"/> is.</summary>
public sealed record ApiServerOptions
{
    /// <summary>What its kubeconfigs call the cluster. Default: <c>osm-test</c>.</summary>
    public string Name { get; init; } = "osm-test";

    /// <summary>The port on loopback. Default: 0, any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The clock of the server: of timestamps, bookmarks and the ends of watches and tokens. Default: the machine's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where draws begin: uids, generated names, faults. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many changes are remembered, for watches that begin at one of them and lists of their time. Default: 10000.</summary>
    public int KeptChanges { get; init; } = 10_000;

    /// <summary>After how long without anything else a watch that wants bookmarks gets one. Default: a minute.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Where webhooks that name a Service are reached: from its namespace, name and port to where somebody listens; null leaves it to the Service's EndpointSlices.
    /// Default: always null.
    /// </summary>
    public Func<string, string, int, EndPoint?> ServiceEndpoint { get; init; } = (_, _, _) => null;

    /// <summary>What stands behind pods, for their logs and for connections to their ports. Default: nothing.</summary>
    public IPodEndpoints? Pods { get; init; }

    /// <summary>
    /// Whether Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and Services are acted on: pods are made, endpoints follow them, and statuses say how far it is.
    /// Default: false, such objects only stand there.
    /// </summary>
    public bool Controllers { get; init; }

    /// <summary>
    /// Whether pods are said to run and be ready once they are there, and go at once when they are deleted, as if they ran somewhere. Default: false; whoever starts pods
    /// writes their status and ends them.
    /// </summary>
    public bool ReadyPods { get; init; }
}
