using System.Collections.Immutable;
using OsmExt.Testing.Simulation;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Comparison;

/// <summary>The objects that are not the same in two snapshots, and which of them made two decisions differ.</summary>
internal sealed class ChangedObjects
{
    private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);

    private readonly MeshSide[] _sides;

    public ChangedObjects(MeshSide older, MeshSide newer)
    {
        _sides = [older, newer];
        var (before, after) = (older.Snapshot, newer.Snapshot);
        var (old, now) = (before.AllObjects().ToDictionary(found => found.Key), after.AllObjects().ToDictionary(found => found.Key));
        foreach (var key in old.Keys.Union(now.Keys))
        {
            if (!now.ContainsKey(key))
            {
                _lines[key.ToString()] = $"{key}, which is gone{Explanation.Where(key, before)}";
            }
            else if (!old.TryGetValue(key, out var was))
            {
                _lines[key.ToString()] = $"{key}, which is new{Explanation.Where(key, after)}";
            }
            else if (!was.Equals(now[key]))
            {
                _lines[key.ToString()] = $"{key}, which is changed{Explanation.Where(key, after)}";
            }
        }
    }

    /// <summary>
    /// The changed objects that the deciding access rules and the split were made of; else those behind any element that the requests took;
    /// else the mesh's settings; else the reason of the second decision.
    /// </summary>
    public ImmutableArray<string> Of(RequestText request, Decision before, Decision after)
    {
        var ways = Ways(before).Concat(Ways(after)).ToArray();
        var services = _sides.SelectMany(side => side.Services(request)).ToArray();
        IEnumerable<string>[] candidates =
        [
            ways.SelectMany(Explanation.ObjectsOfPolicy).Concat(Names(services.SelectMany(service => service.SplitOrigins.Concat(service.RequestSplits.SelectMany(split => split.Origins))))),
            ways.SelectMany(step => step.Origins).Concat(Names(services.Select(service => service.UpstreamOrigin).OfType<ResourceKey>())),
            Names(_sides.SelectMany(side => side.Snapshot.All<MeshConfig>()).Select(settings => settings.Key)),
        ];
        return candidates.Select(Known).FirstOrDefault(known => !known.IsEmpty, [$"because {after.Reason}"]);
    }

    private ImmutableArray<string> Known(IEnumerable<string> objects)
        => [.. objects.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => _lines.GetValueOrDefault(name)).OfType<string>().Select(line => $"by {line}")];

    private static IEnumerable<string> Names(IEnumerable<ResourceKey> keys) => keys.Select(key => key.ToString());

    private static IEnumerable<Step> Ways(Decision decision)
        => decision.Outcomes.IsDefaultOrEmpty ? decision.Path : decision.Outcomes.SelectMany(outcome => outcome.Path);
}
