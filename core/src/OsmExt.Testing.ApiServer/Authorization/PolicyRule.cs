using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Authorization;

/// <summary>A rule of a role: what may be done with what.</summary>
internal sealed record PolicyRule(
    IReadOnlyList<string> Verbs, IReadOnlyList<string> Groups, IReadOnlyList<string> Resources, IReadOnlyList<string> Names, IReadOnlyList<string> Paths)
{
    private const string All = "*";

    public static PolicyRule Of(JsonObject rule)
        => new([.. rule.Texts("verbs")], [.. rule.Texts("apiGroups")], [.. rule.Texts("resources")], [.. rule.Texts("resourceNames")], [.. rule.Texts("nonResourceURLs")]);

    public bool Allows(AccessAttributes access) => access.Path is { } path ? Has(Verbs, access.Verb) && Paths.Any(allowed => CoversPath(allowed, path))
        : Has(Verbs, access.Verb) && Has(Groups, access.Group) && Resources.Any(resource => CoversResource(resource, access.Resource, access.Subresource))
            && (Names.Count == 0 || (access.Name.Length > 0 && Names.Contains(access.Name)));

    /// <summary>Whether everything another rule allows is allowed by one of some rules.</summary>
    public static bool Cover(IReadOnlyList<PolicyRule> held, PolicyRule wanted) => wanted.Parts().All(part => held.Any(rule => rule.Contains(part)));

    /// <summary>As Kubernetes writes rules in messages.</summary>
    public override string ToString() => "{" + string.Join(", ", new[] { ("APIGroups", Groups), ("Resources", Resources), ("ResourceNames", Names), ("NonResourceURLs", Paths), ("Verbs", Verbs) }
        .Where(part => part.Item2.Count > 0).Select(part => $"{part.Item1}:[{string.Join(' ', part.Item2.Select(word => $"\"{word}\""))}]")) + "}";

    public JsonObject ToJson()
    {
        var result = new JsonObject { ["verbs"] = Texts(Verbs) };
        foreach (var (name, values) in new[] { ("apiGroups", Groups), ("resources", Resources), ("resourceNames", Names), ("nonResourceURLs", Paths) })
        {
            if (values.Count > 0)
            {
                result[name] = Texts(values);
            }
        }

        return result;
    }

    private static JsonArray Texts(IReadOnlyList<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    private IEnumerable<PolicyRule> Parts() => Verbs.SelectMany(verb => Paths.Select(path => this with { Verbs = [verb], Groups = [], Resources = [], Names = [], Paths = [path] })
        .Concat(from @group in Groups from resource in Resources from name in Names.DefaultIfEmpty("") select new PolicyRule([verb], [@group], [resource], name.Length > 0 ? [name] : [], [])));

    private bool Contains(PolicyRule part) => part.Paths is [var path] ? Has(Verbs, part.Verbs[0]) && Paths.Any(allowed => CoversPath(allowed, path))
        : Has(Verbs, part.Verbs[0]) && Has(Groups, part.Groups[0]) && (Names.Count == 0 || part.Names.Any(Names.Contains))
            && Resources.Any(resource => resource == part.Resources[0] || (part.Resources[0].Split('/') is [var whole, .. var below] && CoversResource(resource, whole, below.FirstOrDefault() ?? "")));

    private static bool Has(IReadOnlyList<string> allowed, string wanted) => allowed.Contains(All) || allowed.Contains(wanted);

    private static bool CoversResource(string allowed, string resource, string subresource) => allowed == All || (subresource.Length == 0 ? allowed == resource
        : allowed == $"{resource}/{subresource}" || allowed == $"{All}/{subresource}");

    private static bool CoversPath(string allowed, string path) => allowed == All || allowed == path
        || (allowed.EndsWith(All, StringComparison.Ordinal) && path.StartsWith(allowed[..^1], StringComparison.Ordinal));
}
