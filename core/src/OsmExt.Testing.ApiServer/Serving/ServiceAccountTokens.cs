using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Signs tokens of service accounts, and reads them: one is good while the account (and the pod it is bound to) it was made for is there, and its time lasts.</summary>
internal sealed class ServiceAccountTokens(TimeProvider clock) : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private const string KeyId = "osm-test-api-server";

    private static readonly GroupResource Accounts = new("", "serviceaccounts");
    private static readonly GroupResource Pods = new("", "pods");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A token for an account, and when it ends.</summary>
    public (string Token, DateTimeOffset Until) New(JsonObject account, IReadOnlyList<string> audiences, TimeSpan validity, JsonObject? pod)
    {
        var now = clock.GetUtcNow();
        var until = now + validity;
        var kubernetes = new JsonObject
        {
            ["namespace"] = account.Namespace(),
            ["serviceaccount"] = new JsonObject { ["name"] = account.Name(), ["uid"] = account.Uid() },
        };
        if (pod is not null)
        {
            kubernetes["pod"] = new JsonObject { ["name"] = pod.Name(), ["uid"] = pod.Uid() };
        }

        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
            ["exp"] = until.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["kubernetes.io"] = kubernetes,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{account.Namespace()}:{account.Name()}",
        };
        var signed = $"{Encode("""{"alg":"ES256","kid":"osm-test-api-server"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return ($"{signed}.{Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}", until);
    }

    /// <summary>Whose token it is and for which audiences; null when it is none, or is no longer good.</summary>
    public (Caller Caller, ImmutableArray<string> Audiences)? Read(string token, StoreState state)
    {
        if (token.Split('.') is not [var header, var payload, var signature] || Decode(signature) is not { } signed
            || !_key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), signed, HashAlgorithmName.SHA256)
            || Decode(payload) is not { } text || JsonNode.Parse(text) is not JsonObject claims)
        {
            return null;
        }

        var about = claims.Object("kubernetes.io") ?? [];
        var (space, account) = (about.Text("namespace") ?? "", about.Object("serviceaccount") ?? []);
        if (claims.Number("exp") is not { } until || until <= clock.GetUtcNow().ToUnixTimeSeconds()
            || state.Find(Accounts, new(space, account.Text("name") ?? ""))?.Object.Uid() != account.Text("uid")
            || (about.Object("pod") is { } pod && state.Find(Pods, new(space, pod.Text("name") ?? ""))?.Object.Uid() != pod.Text("uid")))
        {
            return null;
        }

        var caller = Caller.ServiceAccount(space, account.Text("name") ?? "", account.Text("uid") ?? "");
        return (about.Object("pod") is { } bound ? caller with { Extra = PodExtra(bound) } : caller, [.. claims.Texts("aud")]);
    }

    /// <summary>The public key, as others ask for it.</summary>
    public JsonObject KeySet()
    {
        var point = _key.ExportParameters(false).Q;
        return new() { ["keys"] = new JsonArray(new JsonObject
        {
            ["use"] = "sig", ["kty"] = "EC", ["kid"] = KeyId, ["crv"] = "P-256", ["alg"] = "ES256", ["x"] = Encode(point.X), ["y"] = Encode(point.Y),
        }) };
    }

    public void Dispose() => _key.Dispose();

    private static ImmutableDictionary<string, ImmutableArray<string>> PodExtra(JsonObject pod) => ImmutableDictionary<string, ImmutableArray<string>>.Empty
        .Add("authentication.kubernetes.io/pod-name", [pod.Text("name") ?? ""])
        .Add("authentication.kubernetes.io/pod-uid", [pod.Text("uid") ?? ""]);

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[]? Decode(string text)
    {
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
