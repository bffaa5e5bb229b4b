using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm proxy list</c> and <c>osm proxy status</c>: the sidecars as the control plane sees them.</summary>
internal static class ProxyListCommand
{
    /// <summary><c>osm proxy list</c>.</summary>
    public static Command CreateList()
    {
        var (mesh, output) = (new MeshAddress(), new OutputOption());
        var command = new Command("list", "List the sidecars that are connected to the control plane, to any of its replicas: whether they have acknowledged everything, how much they refuse, and of those that lag the oldest revision they have not acknowledged and since when.");
        mesh.AddTo(command);
        output.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var running = await mesh.OpenAsync(parsed, cancellation).ConfigureAwait(false);
            var found = await ReadAsync(running, "proxies", cancellation).ConfigureAwait(false);
            var all = found.SelectMany(entry => entry.Page.AsArray().Select(proxy => Row(proxy!, entry.Replica))).OrderBy(row => $"{row["proxy"]}", StringComparer.Ordinal).ToArray();
            Console.Out.Write(output.Format(parsed, all, "PROXY", "ENVOY", "CONNECTED SINCE", "IN SYNC", "REFUSED", "CONTROL PLANE", "REVISION", "LACKS", "SINCE"));
            return ExitCode.Ok;
        }, () => mesh.NameOf(parsed)));
        return command;
    }

    /// <summary><c>osm proxy status</c>.</summary>
    public static Command CreateStatus()
    {
        var (mesh, output, pod) = (new MeshAddress(), new OutputOption(), new PodNameArgument());
        var command = new Command("status", "Print what a sidecar was sent, kind by kind, what of it it acknowledged or refused and why, and what it lags behind. Exit code 2 when it is not connected.");
        pod.AddTo(command);
        mesh.AddTo(command);
        output.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var running = await mesh.OpenAsync(parsed, cancellation).ConfigureAwait(false);
            var name = pod.Read(parsed);
            foreach (var (replica, page) in await ReadAsync(running, "proxies", cancellation).ConfigureAwait(false))
            {
                if (page.AsArray().Any(proxy => $"{proxy!["proxy"]}" == name))
                {
                    var detail = await RunningMesh.ReadAsync(replica, $"proxies/{name}", cancellation).ConfigureAwait(false);
                    var streams = detail is JsonArray several ? several.Select(stream => stream!).ToArray() : [detail];
                    Console.Out.Write(output.Format(parsed, detail, () => string.Concat(streams.Select(stream => Table(stream, replica.Name)))));
                    return ExitCode.Ok;
                }
            }

            throw new CommandException($"the sidecar of {name} is not connected to {string.Join(" or ", running.Replicas.Select(replica => replica.Name))}; osm proxy list says which are", ExitCode.UnusableInput);
        }, () => mesh.NameOf(parsed)));
        return command;
    }

    private static async Task<IReadOnlyList<((string Name, HttpClient Debug) Replica, JsonNode Page)>> ReadAsync(RunningMesh mesh, string page, CancellationToken cancellation)
    {
        var pages = new List<((string, HttpClient), JsonNode)>();
        foreach (var replica in mesh.Replicas)
        {
            pages.Add((replica, await RunningMesh.ReadAsync(replica, page, cancellation).ConfigureAwait(false)));
        }

        return pages;
    }

    private static JsonObject Row(JsonNode proxy, (string Name, HttpClient) replica) => new()
    {
        ["proxy"] = $"{proxy["proxy"]}",
        ["envoy"] = $"{proxy["envoy"]}",
        ["connectedSince"] = Times.Seconds((string?)proxy["connected_since"]),
        ["inSync"] = (bool)proxy["in_sync"]!,
        ["refused"] = (int)proxy["rejected"]!,
        ["controlPlane"] = replica.Name,
        ["revision"] = (long?)proxy["revision"],
        ["lacksRevision"] = (long?)proxy["lag"]?["revision"],
        ["lagsSince"] = (string?)proxy["lag"]?["since"] is { } since ? Times.Seconds(since) : null,
    };

    private static string Table(JsonNode stream, string replica)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine(Terminal.Printable($"{stream["proxy"]}: Envoy {stream["envoy"]}, connected to {replica} since {Times.Seconds((string?)stream["connected_since"])}, {((bool)stream["in_sync"]! ? "in sync" : "not in sync")}"));
        if (stream["lag"] is { } lag)
        {
            text.WriteLine(Terminal.Printable($"{lag["detail"]}: it lacks revision {lag["revision"]} of {stream["revision"]}, since {Times.Seconds((string?)lag["since"])}"));
        }

        text.WriteLine();
        var types = stream["types"]!.AsArray().Select(type => type!).ToArray();
        text.Write(OutputOption.Table(
        [
            ["TYPE", "RESOURCES", "ACKNOWLEDGED", "PENDING", "REFUSED"],
            .. types.Select(type =>
            {
                var resources = type["resources"]!.AsArray();
                return new[]
                {
                    $"{type["type"]}", $"{resources.Count}", $"{resources.Count(resource => $"{resource!["sent"]}" == $"{resource["acknowledged"]}")}", $"{type["pending"]}",
                    $"{type["rejections"]!.AsArray().Count}",
                };
            }),
        ]));
        foreach (var (type, rejection) in types.SelectMany(type => type["rejections"]!.AsArray().Select(rejection => (type, rejection!))))
        {
            text.WriteLine(Terminal.Printable($"{type["type"]} {rejection["name"]}: refused {Times.Seconds((string?)rejection["at"])}: {rejection["message"]}"));
        }

        return text.ToString();
    }
}
