using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm status</c>: how far the objects of a running mesh have come.</summary>
internal static class StatusCommand
{
    private static readonly string[] Shown = ["Accepted", "ResolvedRefs", "Programmed", "Conflicted", "Degraded"];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var kind = new Argument<string?>("KIND") { Description = "Only objects of this kind, in any letter case. Default: all kinds.", Arity = ArgumentArity.ZeroOrOne };
        var name = new Argument<string?>("NAMESPACE/NAME") { Description = "Only this object. Default: all objects.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("status",
            "Print how far the objects of a running mesh have come, policies and objects of plugins' kinds alike: whether they are accepted, what they name is there, every proxy that is to "
            + "have what was made of them has acknowledged it, others are in the way, and all of it is in force. Exit code 0; 2 when there is no such object.")
        {
            kind, name,
        };
        new DebugPage("status", Table, (parsed, page) => Select(page, parsed.GetValue(kind), parsed.GetValue(name))).AddTo(command);
        return command;
    }

    private static JsonObject? Select(JsonNode page, string? kind, string? name)
    {
        var all = page["objects"]!.AsArray().Where(item => (kind is null || string.Equals($"{item!["kind"]}", kind, StringComparison.OrdinalIgnoreCase))
            && (name is null || $"{item!["namespace"]}/{item["name"]}" == name)).Select(item => item!.DeepClone()).ToArray();
        if (all.Length > 0 || kind is null)
        {
            return new JsonObject { ["objects"] = new JsonArray(all) };
        }

        Console.Error.WriteLine($"osm: the mesh reads no {kind}{(name is null ? "" : $" {name}")}; osm status lists what it reads");
        return null;
    }

    private static string Table(JsonNode page)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var objects = page["objects"]!.AsArray().Select(item => item!).ToArray();
        DebugPage.Write(text,
        [
            ["OBJECT", .. Shown.Select(type => type.ToUpperInvariant()), "PROXIES"],
            .. objects.Select(item => new[] { Name(item) }.Concat(Shown.Select(type => $"{Conditions(item).FirstOrDefault(condition => $"{condition["type"]}" == type)?["status"] ?? "-"}"))
                .Append(item["status"]!["proxies"] is { } proxies ? $"{proxies["acknowledged"]} of {proxies["selected"]}" : "-").ToArray()),
        ]);
        foreach (var item in objects)
        {
            foreach (var condition in Conditions(item).Where(IsWorthSaying))
            {
                text.WriteLine($"{Name(item)}: {condition["type"]} {condition["status"]}, {condition["reason"]}, since {condition["lastTransitionTime"]}{Words(condition)}");
            }

            foreach (var target in item["status"]!["targets"]?.AsArray() ?? [])
            {
                text.WriteLine($"{Name(item)}: for {target!["target"]} {target["proxies"]!["acknowledged"]} of {target["proxies"]!["selected"]} proxies");
            }
        }

        return text.ToString();
    }

    private static string Name(JsonNode item) => $"{item["kind"]} {item["namespace"]}/{item["name"]}";

    private static IEnumerable<JsonNode> Conditions(JsonNode item) => item["status"]!["conditions"]!.AsArray().Select(condition => condition!);

    // What is as it should be is in the table; what plugins say is not.
    private static bool IsWorthSaying(JsonNode condition) => $"{condition["type"]}" switch
    {
        "Conflicted" or "Degraded" => $"{condition["status"]}" != "False",
        var type when Shown.Contains(type, StringComparer.Ordinal) => $"{condition["status"]}" != "True",
        _ => true,
    };

    private static string Words(JsonNode condition) => $"{condition["message"]}" is { Length: > 0 } message ? $": {message}" : "";
}
