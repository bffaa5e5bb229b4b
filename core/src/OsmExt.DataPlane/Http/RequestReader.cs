using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OsmExt.Simulation;
using HttpRequest = OsmExt.Simulation.Http.HttpRequest;

namespace OsmExt.DataPlane.Http;

/// <summary>A request as decisions see it. Kestrel reads headers as Latin-1, so each character is a byte.</summary>
internal static class RequestReader
{
    public static HttpRequest Read(HttpContext context)
        => new(context.Request.Method, context.Request.Headers.Host.ToString(), context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
        {
            Headers = Headers(context.Request.Headers),
            IsServed = true,
        };

    public static ImmutableArray<(string Name, string Value)> Headers(IHeaderDictionary headers)
    {
        var all = ImmutableArray.CreateBuilder<(string, string)>(headers.Count);
        foreach (var (name, values) in headers)
        {
            if (name.Equals("host", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var lower = ByteText.Lower(name);
            foreach (var value in values)
            {
                all.Add((lower, value ?? ""));
            }
        }

        return all.ToImmutable();
    }
}
