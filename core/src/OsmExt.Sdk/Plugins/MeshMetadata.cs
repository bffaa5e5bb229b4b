namespace OsmExt.Sdk.Plugins;

/// <summary>What the mesh writes into Envoy's metadata, under <c>osm</c>, only where a slot says that it reads it.</summary>
public enum MeshMetadata
{
    /// <summary>Which workload an endpoint belongs to: <c>namespace</c>, <c>kind</c>, <c>name</c> and <c>pod</c> in the endpoint's metadata.</summary>
    EndpointWorkload,

    /// <summary>
    /// Which configuration is in force: <c>generation</c> in the metadata of a filter chain and of a virtual host, a digest of the rest
    /// of it, so that it changes when they do and not otherwise.
    /// </summary>
    Generation,
}
