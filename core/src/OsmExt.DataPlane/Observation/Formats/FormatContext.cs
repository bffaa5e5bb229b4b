using OsmExt.DataPlane.Observation.Statistics;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>What formats know beside the request.</summary>
/// <param name="Environment">The sidecar's environment variables: its process's, or those of the pod it stands for.</param>
/// <param name="Hostname">The machine, or the pod.</param>
/// <param name="Clusters">How clusters are called.</param>
/// <param name="Time">The clock.</param>
internal sealed record FormatContext(IReadOnlyDictionary<string, string> Environment, string Hostname, ClusterNames Clusters, TimeProvider Time);
