using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;
using OsmExt.Cli.Clusters;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Applying;

/// <summary>
/// A cluster: objects go to its API server by server-side apply, after it has said of each that it would take it. What is not among them stays as it is.
/// </summary>
internal sealed class ClusterDestination(ClusterSession session, bool force = false) : IDestination
{
    // What others are in, or of.
    private static readonly string[] First = ["CustomResourceDefinition", "Namespace"];

    private readonly ClusterKinds _kinds = new(session);

    public IReadOnlyList<ResourceKey> Gone => [];

    public string WhenNotRead => "osm status and the control plane's log say more";

    public async Task<string> PutAsync(GivenManifests manifests, CancellationToken cancellation)
    {
        var (places, refused) = (new List<(JsonObject Object, string Path)>(), new List<string>());
        foreach (var item in manifests.Objects.OrderBy(item => Array.IndexOf(First, (string?)item["kind"]) is var at and >= 0 ? at : First.Length))
        {
            if (await PathOfAsync(item, cancellation).ConfigureAwait(false) is not { } path)
            {
                refused.Add($"{NameOf(item)}: {session.Connection.Name} does not serve {item["kind"]} in {item["apiVersion"]}");
                continue;
            }

            places.Add((item, path));
            try
            {
                await _kinds.ApplyAsync(path, item, force, tryOnly: true, cancellation).ConfigureAwait(false);
            }
            catch (HttpOperationException refusal) when (IsOfTheObject(refusal))
            {
                refused.Add($"{NameOf(item)}: {ApiFailure.Message(refusal)}");
            }
            catch (HttpOperationException missing) when (missing.Is(HttpStatusCode.NotFound))
            {
                // Its namespace comes with it.
            }
            catch (HttpOperationException conflict) when (conflict.Is(HttpStatusCode.Conflict))
            {
                throw new CommandException($"{NameOf(item)}: {ApiFailure.Message(conflict)}; nothing was applied. --force-conflicts takes these fields from whoever has them");
            }
        }

        if (refused.Count > 0)
        {
            throw new CommandException($"{session.Connection.Name} refuses these; nothing was applied\n  {string.Join("\n  ", refused)}", ExitCode.UnusableInput);
        }

        foreach (var (item, path) in places)
        {
            await _kinds.ApplyAsync(path, item, force, tryOnly: false, cancellation).ConfigureAwait(false);
        }

        return $"{places.Count} {(places.Count == 1 ? "object was" : "objects were")} applied to {session.Connection.Name}.";
    }

    public async Task<string> ContentAsync(GivenManifests manifests, CancellationToken cancellation) => GivenManifests.Text(await ReadAsync(manifests.Objects, cancellation).ConfigureAwait(false));

    /// <summary>Objects as the server has them now.</summary>
    public async Task<IReadOnlyList<JsonObject>> ReadAsync(IEnumerable<JsonObject> objects, CancellationToken cancellation)
    {
        var found = new List<JsonObject>();
        foreach (var item in objects.Where(item => (string?)item["kind"] != "Secret"))
        {
            found.AddRange(await PathOfAsync(item, cancellation).ConfigureAwait(false) is { } path
                && await _kinds.ReadAsync(path, cancellation).ConfigureAwait(false) is JsonObject now ? [now] : []);
        }

        return found;
    }

    private static string NameOf(JsonObject item) => $"{item["kind"]} {item["metadata"]?["namespace"]}/{item["metadata"]?["name"]}";

    // By its schema, or by a webhook that judges it.
    private static bool IsOfTheObject(HttpOperationException refusal) => refusal.Is(HttpStatusCode.BadRequest) || refusal.Is(HttpStatusCode.UnprocessableEntity)
        || ApiFailure.Message(refusal).Contains("admission webhook", StringComparison.Ordinal);

    private async Task<string?> PathOfAsync(JsonObject item, CancellationToken cancellation)
    {
        var (apiVersion, kind, name) = ((string?)item["apiVersion"] ?? "", (string?)item["kind"] ?? "", (string?)item["metadata"]?["name"] ?? "");
        if (name.Length == 0 || await _kinds.FindAsync(apiVersion, kind, cancellation).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        return ClusterKinds.PathOf(apiVersion, found, (string?)item["metadata"]!["namespace"] ?? session.Connection.Namespace, name);
    }
}
