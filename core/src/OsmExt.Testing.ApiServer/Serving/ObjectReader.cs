using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Gets and lists objects.</summary>
internal sealed class ObjectReader(ObjectStore store, ObjectWriter writer)
{
    public async Task<JsonObject> GetAsync(RequestTarget target, StoreState state, CancellationToken stop)
    {
        var stored = state.Find(target.Kind.GroupResource, target.ObjectName) ?? throw Refusals.NotFound(target.Kind, target.Name);
        return await writer.ServedFormAsync(target.Kind, stored, stop).ConfigureAwait(false);
    }

    /// <summary>A page of what was stored at one revision; the token of the next page names that revision.</summary>
    public (IReadOnlyList<StoredObject> Items, Rendering.ListMetadata Metadata) List(RequestTarget target, IQueryCollection query, StoreState latest)
    {
        var limit = long.TryParse(query["limit"], CultureInfo.InvariantCulture, out var asked) ? asked : 0;
        var page = ContinueToken.Read(query["continue"].ToString());
        var state = page is { Revision: > 0 } ? StateOf(page) : StateFor(query, latest);
        var selection = Selection.Of(target, query["labelSelector"], query["fieldSelector"]);
        var matching = state.Of(target.Kind.GroupResource).Where(entry => page is null || entry.Key.CompareTo(page.After) > 0)
            .Select(entry => entry.Value).Where(selection.Includes);
        var items = limit > 0 ? matching.Take((int)Math.Min(limit, int.MaxValue - 1) + 1).ToList() : [.. matching];
        var next = "";
        long? remaining = null;
        if (limit > 0 && items.Count > limit)
        {
            items.RemoveAt(items.Count - 1);
            next = new ContinueToken(state.Revision, items[^1].Name).ToString();

            // Not counted where a selector leaves objects out, as in Kubernetes.
            remaining = selection.Labels.Conditions.Count + selection.Fields.Conditions.Count > 0 ? null : matching.Count() - limit;
        }

        return (items, new(state.Revision, next, remaining));
    }

    /// <summary>Objects in the version that was asked for.</summary>
    public async Task<IReadOnlyList<JsonObject>> ServedFormsAsync(ResourceKind kind, IReadOnlyList<StoredObject> items, CancellationToken stop)
    {
        var served = new List<JsonObject>(items.Count);
        foreach (var item in items)
        {
            served.Add(await writer.ServedFormAsync(kind, item, stop).ConfigureAwait(false));
        }

        return served;
    }

    private StoreState StateFor(IQueryCollection query, StoreState latest)
    {
        var (version, match) = (query["resourceVersion"].ToString(), query["resourceVersionMatch"].ToString());
        if (match.Length > 0 && version.Length == 0)
        {
            throw Refusal.BadRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (version is "" or "0")
        {
            return match == "Exact" ? throw Refusal.BadRequest("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"") : latest;
        }

        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw Refusal.BadRequest($"Invalid value: \"{version}\": must be a number");
        }

        if (revision > store.State.Revision)
        {
            throw Refusals.TooLargeRevision(revision, store.State.Revision);
        }

        return match switch
        {
            "Exact" => store.At(revision) ?? throw Refusals.Expired("The resourceVersion for the provided list is too old."),

            // Never older than asked for, however stale the server pretends to be.
            _ => latest.Revision >= revision ? latest : store.State,
        };
    }

    private StoreState StateOf(ContinueToken page) => store.At(page.Revision) ?? throw new Refusal(
        410, "Expired", "The provided continue parameter is too old: what the list began with is forgotten. Begin again without it, or go on inconsistently with the token of this response.")
    {
        Continue = new ContinueToken(-1, page.After).ToString(),
    };

    /// <summary>Where a list goes on: the revision it began at (-1: whatever is there then), and the last object given.</summary>
    private sealed record ContinueToken(long Revision, ObjectName After)
    {
        public static ContinueToken? Read(string text)
        {
            if (text.Length == 0)
            {
                return null;
            }

            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(text)).Split('/') is [var revision, var space, var name]
                    ? new(long.Parse(revision, CultureInfo.InvariantCulture), new(space, name)) : throw new FormatException();
            }
            catch (FormatException)
            {
                throw Refusal.BadRequest("continue key is not valid: encoded string must be a token of this server");
            }
        }

        public override string ToString() => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Revision}/{After.Namespace}/{After.Name}"));
    }
}
