using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Testing.Plugins;

/// <summary>Whatever can be said in an older version of a kind survives the way to the first version and back.</summary>
internal sealed class ConversionRoundTrip(LoadedPlugin plugin, PluginKind kind)
{
    private readonly KindVersions _versions = new(plugin, TimeProvider.System);

    /// <param name="objects">Objects of the kind, in any version.</param>
    public string? Problem(IReadOnlyList<PluginResource> objects) => kind.Conversions.SelectMany(conversion => objects.Select(resource => Problem(conversion, resource))).FirstOrDefault(problem => problem is not null);

    private string? Problem(KindConversion conversion, PluginResource resource)
    {
        var converted = _versions.InFirst(resource);
        if (converted.Resource is not { } first)
        {
            return $"{converted.Findings[0]}";
        }

        // An object in another version than this one tells about it too: as what it would be there.
        var (older, failure) = resource.Version == conversion.Version ? (resource.Spec, null) : _versions.Convert(kind, conversion, first.Spec, toFirst: false);
        if (older is null)
        {
            return $"{resource.Key} cannot be converted to version {conversion.Version}: {failure}";
        }

        var (there, no) = _versions.Convert(kind, conversion, older, toFirst: true);
        var (back, nor) = there is null ? (null, no) : _versions.Convert(kind, conversion, there, toFirst: false);
        return back is null ? $"{resource.Key} of version {conversion.Version} cannot be converted to {kind.Versions[0]} and back: {nor}"
            : back.Equals(older) ? null
            : $"{resource.Key} of version {conversion.Version} comes back from {kind.Versions[0]} as {back} and not as {older}";
    }
}
