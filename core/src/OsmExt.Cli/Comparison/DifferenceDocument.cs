using System.Text.Json.Nodes;
using OsmExt.Compiler.Comparison;

namespace OsmExt.Cli.Comparison;

/// <summary>
/// A difference for scripts: <c>proxies</c> by pod, each with <c>change</c> and <c>resources</c> (<c>section</c>, <c>name</c>,
/// <c>change</c>, <c>fields</c> with <c>path</c>, <c>before</c> and <c>after</c>), and <c>diagnostics</c> that are <c>added</c> and <c>removed</c>,
/// and <c>verdicts</c> as <see cref="VerdictsDocument"/> has them.
/// </summary>
internal static class DifferenceDocument
{
    public static JsonObject Of(MeshDifference mesh, FindingsDifference findings, VerdictsDifference verdicts) => new()
    {
        ["proxies"] = new JsonObject(mesh.Proxies.Select(proxy => KeyValuePair.Create<string, JsonNode?>(proxy.Proxy, new JsonObject
        {
            ["change"] = Word(proxy.Change),
            ["resources"] = new JsonArray([.. proxy.Resources.Select(Of)]),
        }))),
        ["diagnostics"] = new JsonObject
        {
            ["added"] = new JsonArray([.. findings.Added.Select(finding => finding.DeepClone())]),
            ["removed"] = new JsonArray([.. findings.Removed.Select(finding => finding.DeepClone())]),
        },
        ["verdicts"] = VerdictsDocument.Of(verdicts),
    };

    private static JsonObject Of(ResourceDifference resource) => new()
    {
        ["section"] = resource.Section,
        ["name"] = resource.Name,
        ["change"] = Word(resource.Change),
        ["fields"] = new JsonArray([.. resource.Fields.Select(field => new JsonObject
        {
            ["path"] = field.Path,
            ["before"] = field.Before?.DeepClone(),
            ["after"] = field.After?.DeepClone(),
        })]),
    };

    private static string Word(Change change) => change.ToString().ToLowerInvariant();
}
