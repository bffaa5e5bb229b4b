using System.Globalization;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Serving;

namespace OsmExt.Testing.ApiServer.Watching;

/// <summary>What a watch asks for.</summary>
internal sealed record WatchRequest(RequestTarget Target, Selection Selection, string From, bool Bookmarks, bool InitialEvents, TimeSpan Timeout)
{
    // A day: nobody waits longer, and clocks do not like to.
    private const long LongestSeconds = 86_400;

    public static WatchRequest Of(RequestTarget target, IQueryCollection query)
    {
        var initial = query["sendInitialEvents"].ToString();
        var match = query["resourceVersionMatch"].ToString();
        if (initial.Length > 0 && match != "NotOlderThan")
        {
            throw Refusal.Invalid("meta.k8s.io", "ListOptions", "", [initial == "true" && match.Length == 0
                ? FieldError.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                : FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch must be set to NotOlderThan when sendInitialEvents is")]);
        }

        if (initial.Length == 0 && match.Length > 0)
        {
            throw Refusal.Invalid("meta.k8s.io", "ListOptions", "", [FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]);
        }

        var seconds = long.TryParse(query["timeoutSeconds"], CultureInfo.InvariantCulture, out var asked) && asked > 0 ? Math.Min(asked, LongestSeconds) : 1800;
        return new(target, Selection.Of(target, query["labelSelector"], query["fieldSelector"]), query["resourceVersion"].ToString(),
            query["allowWatchBookmarks"].ToString() is "true" or "1", initial == "true", TimeSpan.FromSeconds(seconds));
    }
}
