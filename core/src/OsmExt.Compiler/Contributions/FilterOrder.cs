using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using HttpFilter = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;

namespace OsmExt.Compiler.Contributions;

/// <summary>Puts contributed filters between the mesh's own: by stage, and within a stage after the mesh's.</summary>
internal static class FilterOrder
{
    public static IEnumerable<HttpFilter> Http(IEnumerable<(FilterStage Stage, HttpFilter Filter)> own, IEnumerable<PlacedContribution> contributed)
        => Arrange(own, contributed.Select(item => (item.Slot.Stage, new HttpFilter { Name = item.Name, TypedConfig = (Any)item.Message })));

    public static IEnumerable<Filter> Network(IEnumerable<(FilterStage Stage, Filter Filter)> own, IEnumerable<PlacedContribution> contributed)
        => Arrange(own, contributed.Select(item => (item.Slot.Stage, new Filter { Name = item.Name, TypedConfig = (Any)item.Message })));

    /// <summary>The objects behind contributions.</summary>
    public static IEnumerable<ResourceKey> ObjectsOf(params IEnumerable<IEnumerable<PlacedContribution>> contributed)
        => contributed.SelectMany(items => items).SelectMany(item => item.Objects).Distinct();

    private static IEnumerable<T> Arrange<T>(IEnumerable<(FilterStage Stage, T Filter)> own, IEnumerable<(FilterStage Stage, T Filter)> contributed)
        => own.Concat(contributed).OrderBy(entry => entry.Stage).Select(entry => entry.Filter);
}
