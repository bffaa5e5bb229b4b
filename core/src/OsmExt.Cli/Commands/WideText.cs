using System.Text;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Commands;

/// <summary>
/// <c>-o wide</c>: for each proxy a line for every resource, filter chain, virtual host and route of its own policy, with the objects
/// it was made from and where they were read.
/// </summary>
internal static class WideText
{
    private const int Indent = 2;

    // A list of everything a large mesh has says nothing.
    private const int MostObjects = 8;

    public static string Of(OfflineMesh mesh, IEnumerable<Proxy> proxies, ResourceSnapshot snapshot, ProxyCapabilities capabilities)
    {
        var places = Places(snapshot);
        var origins = new PartOrigins(mesh.Mesh, mesh.Proxies.All.Select(proxy => proxy.Identity.Workload));
        var text = new StringBuilder();
        foreach (var proxy in proxies)
        {
            text.Append("proxy ").Append(proxy.Pod.Namespace).Append('/').Append(proxy.Pod.Name).Append('\n');
            var parts = mesh.Translate(proxy, capabilities).Resources.SelectMany(origins.Of).ToArray();
            var rows = parts.Select(part => $"{new string(' ', Indent * (part.Depth + 1))}{part.Kind} {part.Name}").ToArray();
            var width = rows.Length == 0 ? 0 : rows.Max(row => row.Length);
            for (var index = 0; index < rows.Length; index++)
            {
                var objects = Objects(parts[index].Objects, places);
                text.Append(objects.Length == 0 ? rows[index] : $"{rows[index].PadRight(width)}  {objects}").Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Objects(IReadOnlyList<string> objects, Dictionary<string, SourceLocation> places)
    {
        var named = objects.Take(MostObjects).Select(name => places.TryGetValue(name, out var place) ? $"{name} ({place.File}:{place.Line})" : name);
        return string.Join(", ", objects.Count > MostObjects ? named.Append($"and {objects.Count - MostObjects} others") : named);
    }

    private static Dictionary<string, SourceLocation> Places(ResourceSnapshot snapshot)
        => snapshot.AllObjects()
            .Select(resource => (Name: NameOf(resource), Place: snapshot.LocationOf(resource.Key)))
            .Where(entry => entry.Place is not null)
            .DistinctBy(entry => entry.Name, StringComparer.Ordinal)
            .ToDictionary(entry => entry.Name, entry => entry.Place!, StringComparer.Ordinal);

    // Translation knows that there is one MeshConfig, and not where it is.
    private static string NameOf(Resource resource) => resource is MeshConfig ? $"{resource.Kind} {resource.Metadata.Name}" : resource.Key.ToString();
}
