using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace OsmExt.Cli.Clusters;

/// <summary>The kinds an API server serves, by its discovery, and requests for objects of any of them.</summary>
internal sealed class ClusterKinds(ClusterSession session)
{
    private readonly Dictionary<string, IReadOnlyList<(string Kind, string Plural, bool Namespaced)>> _known = new(StringComparer.Ordinal);

    /// <summary>What a kind is called in addresses; null when it is not served.</summary>
    public async Task<(string Plural, bool Namespaced)?> FindAsync(string apiVersion, string kind, CancellationToken cancellation)
    {
        if (!_known.TryGetValue(apiVersion, out var kinds))
        {
            var found = await ReadAsync(RootOf(apiVersion), cancellation).ConfigureAwait(false);
            _known[apiVersion] = kinds = [.. (found?["resources"]?.AsArray() ?? []).Select(item => ($"{item!["kind"]}", $"{item["name"]}", (bool)item["namespaced"]!)).Where(item => !item.Item2.Contains('/', StringComparison.Ordinal))];
        }

        return kinds.Where(item => item.Kind == kind).Select(item => ((string, bool)?)(item.Plural, item.Namespaced)).FirstOrDefault();
    }

    /// <summary>What is at an address below the API server's; null when nothing is.</summary>
    public async Task<JsonNode?> ReadAsync(string path, CancellationToken cancellation)
    {
        var text = await SendAsync(HttpMethod.Get, path, null, cancellation).ConfigureAwait(false);
        return text is null ? null : JsonNode.Parse(text);
    }

    /// <summary>All objects of a kind; none where it is not served.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(string apiVersion, string kind, CancellationToken cancellation, string? ns = null)
    {
        if (await FindAsync(apiVersion, kind, cancellation).ConfigureAwait(false) is not { } found)
        {
            return [];
        }

        var path = $"{RootOf(apiVersion)}/{(ns is null || !found.Namespaced ? "" : $"namespaces/{ns}/")}{found.Plural}";
        var items = new List<JsonNode>();
        string? rest = "";
        while (rest is not null)
        {
            var page = await ReadAsync($"{path}?limit=500{(rest.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(rest)}")}", cancellation).ConfigureAwait(false);
            foreach (var item in page?["items"]?.AsArray().ToArray() ?? [])
            {
                // Items of a list do not say what they are.
                (item!["apiVersion"], item["kind"]) = (apiVersion, kind);
                items.Add(item);
            }

            rest = (string?)page?["metadata"]?["continue"] is { Length: > 0 } more ? more : null;
        }

        return items;
    }

    /// <summary>Deletes what is at an address.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellation) => await SendAsync(HttpMethod.Delete, path, null, cancellation).ConfigureAwait(false) is not null;

    /// <summary>Makes an object, or what it says of one, by server-side apply.</summary>
    public Task ApplyAsync(string path, string yaml, CancellationToken cancellation)
        => SendAsync(HttpMethod.Patch, $"{path}?fieldManager=osm&force=true", new StringContent(yaml, System.Text.Encoding.UTF8, "application/apply-patch+yaml"), cancellation);

    /// <summary>The same with an object, taking fields from others only when told to.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="content">What it says.</param>
    /// <param name="force">Whether to take fields that others own.</param>
    /// <param name="tryOnly">Whether to ask only if it would be taken.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task ApplyAsync(string path, JsonNode content, bool force, bool tryOnly, CancellationToken cancellation)
        => SendAsync(HttpMethod.Patch, $"{path}?fieldManager=osm{(force ? "&force=true" : "")}{(tryOnly ? "&dryRun=All" : "")}", new StringContent(content.ToJsonString(), System.Text.Encoding.UTF8, "application/apply-patch+yaml"), cancellation);

    /// <summary>Sends an object as JSON.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode content, string mediaType, CancellationToken cancellation)
        => JsonNode.Parse((await SendAsync(method, path, new StringContent(content.ToJsonString(), System.Text.Encoding.UTF8, mediaType), cancellation).ConfigureAwait(false))
            ?? throw new CommandException($"{session.Connection.Name} has nothing at {path}"))!;

    /// <summary>Text at an address, as a log is; null when there is none.</summary>
    public Task<string?> ReadTextAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    /// <summary>Where a version of a group is.</summary>
    private static string RootOf(string apiVersion) => apiVersion == "v1" ? "api/v1" : $"apis/{apiVersion}";

    /// <summary>Where an object is.</summary>
    /// <param name="apiVersion">Its version.</param>
    /// <param name="kind">What its kind is called in addresses, and whether it is of a namespace.</param>
    /// <param name="ns">Its namespace, if it is of one.</param>
    /// <param name="name">Its name.</param>
    public static string PathOf(string apiVersion, (string Plural, bool Namespaced) kind, string ns, string name)
        => $"{RootOf(apiVersion)}/{(kind.Namespaced ? $"namespaces/{Uri.EscapeDataString(ns)}/" : "")}{kind.Plural}/{Uri.EscapeDataString(name)}";

    private async Task<string?> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{session.Client.BaseUri.AbsoluteUri.TrimEnd('/')}/{path}")) { Content = content };
        if (session.Client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellation).ConfigureAwait(false);
        }

        using var answer = await session.Client.HttpClient.SendAsync(request, cancellation).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? text
            : answer.StatusCode == HttpStatusCode.NotFound && content is null ? null
            : throw new HttpOperationException($"{method} {path}: {(int)answer.StatusCode}") { Response = new(answer, text) };
    }
}
