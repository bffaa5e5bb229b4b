using System.Globalization;
using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using HttpFilter = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;

namespace OsmExt.Compiler.Contributions;

/// <summary>Puts contributed filters between the mesh's own: by stage, and within a stage after the mesh's.</summary>
internal static class FilterOrder
{
    private const char Ordinal = '#';

    public static IEnumerable<HttpFilter> Http(IEnumerable<(FilterStage Stage, HttpFilter Filter)> own, IEnumerable<PlacedContribution> contributed)
        => Arrange(own, Named(contributed).Select(entry => (entry.Item.Slot.Stage, new HttpFilter { Name = entry.Name, TypedConfig = (Any)entry.Item.Message })));

    public static IEnumerable<Filter> Network(IEnumerable<(FilterStage Stage, Filter Filter)> own, IEnumerable<PlacedContribution> contributed)
        => Arrange(own, Named(contributed).Select(entry => (entry.Item.Slot.Stage, new Filter { Name = entry.Name, TypedConfig = (Any)entry.Item.Message })));

    /// <summary>
    /// Contributions to one place with names of their own there. An object may have several in a slot that takes all; in the order of their places the second
    /// is called <c>...#2</c>, which no object's name can be.
    /// </summary>
    public static IEnumerable<(PlacedContribution Item, string Name)> Named(IEnumerable<PlacedContribution> contributed)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in contributed)
        {
            var number = seen[item.Name] = seen.GetValueOrDefault(item.Name) + 1;
            yield return (item, number == 1 ? item.Name : string.Create(CultureInfo.InvariantCulture, $"{item.Name}{Ordinal}{number}"));
        }
    }

    /// <summary>The name without what tells it from others of its kind.</summary>
    public static string Unnumbered(string name) => name.Split(Ordinal)[0];

    /// <summary>The objects behind contributions.</summary>
    public static IEnumerable<ResourceKey> ObjectsOf(params IEnumerable<IEnumerable<PlacedContribution>> contributed)
        => contributed.SelectMany(items => items).SelectMany(item => item.Objects).Distinct();

    private static IEnumerable<T> Arrange<T>(IEnumerable<(FilterStage Stage, T Filter)> own, IEnumerable<(FilterStage Stage, T Filter)> contributed)
        => own.Concat(contributed).OrderBy(entry => entry.Stage).Select(entry => entry.Filter);
}
