namespace OsmExt.Kubernetes.Cluster;

/// <summary>No cluster can be reached as asked. The message names the file, the context and the field, and says what to do.</summary>
internal sealed class ClusterConnectionException(string message, Exception? inner = null) : Exception(message, inner);
