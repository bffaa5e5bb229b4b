using OsmExt.Envoy;

namespace OsmExt.Xds.Snapshots;

/// <summary>One resource added, replaced or, without a <see cref="Resource"/>, removed.</summary>
internal readonly record struct XdsChange(string TypeUrl, string Name, XdsResource? Resource)
{
    public static XdsChange Set(XdsResource resource) => new(resource.TypeUrl, resource.Name, resource);

    public static XdsChange Remove(string typeUrl, string name) => new(typeUrl, name, null);
}
