using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Service.Auth.V3;
using Envoy.Type.V3;

namespace OsmExt.Demo.Authorizer;

/// <summary>What is answered. Whoever is let in carries what the server was told, for the application to show.</summary>
internal static class Verdict
{
    private const int PermissionDenied = 7;

    public static CheckResponse Of(string asked, CheckRequest request) => asked switch
    {
        "allow" or "slow" => new()
        {
            Status = new(),
            OkResponse = new()
            {
                Headers =
                {
                    Header("x-judged-context", string.Join(',', request.Attributes.ContextExtensions.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"))),
                    Header("x-judged-body", request.Attributes.Request.Http.Body.Length.ToString(CultureInfo.InvariantCulture)),
                    Header("x-judged-principal", request.Attributes.Source.Principal),
                },
            },
        },
        "tea" => new()
        {
            Status = new() { Code = PermissionDenied },
            DeniedResponse = new() { Status = new() { Code = (StatusCode)418 }, Body = "no coffee here", Headers = { Header("x-judged", "no") } },
        },
        _ => new() { Status = new() { Code = PermissionDenied } },
    };

    private static HeaderValueOption Header(string name, string value) => new() { Header = new() { Key = name, Value = value } };
}
