using Microsoft.AspNetCore.Http;

namespace OsmExt.DataPlane.Http;

/// <summary>
/// Headers that stand several times. The client library would send their values as one, with a comma and a blank between them; access rules of
/// the next sidecar see them as Envoy's do, with a comma alone.
/// </summary>
internal static class RepeatedHeaders
{
    public static void Join(IHeaderDictionary headers, HttpRequestMessage request)
    {
        foreach (var (name, values) in headers)
        {
            // Cookies have a separator of their own, which the library knows.
            if (values.Count > 1 && !name.Equals("cookie", StringComparison.OrdinalIgnoreCase) && request.Headers.Remove(name))
            {
                request.Headers.TryAddWithoutValidation(name, string.Join(',', values.ToArray()));
            }
        }
    }
}
