using System.Buffers.Text;
using System.Text;
using OsmExt.ControlPlane.Webhooks;

namespace OsmExt.ControlPlane.Tests.Webhooks;

/// <summary>Tokens as strangers would write them.</summary>
public sealed class TokenFuzzTests
{
    private const string Audience = "openservicemesh.io";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly byte[][] Words =
    [
        .. new[] { "\"aud\":", "\"exp\":", "[", "]", "{", "}", ",", ":", "\"", Audience, "1800000000", "-1", "1e99", "9223372036854775807", "null", "true", "\\u006f", "\\ud800", ".", "e30", "=", "//", " " }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0], [0xEF, 0xBB, 0xBF],
    ];

    /// <summary>Inputs are claims when they begin with a brace, and whole tokens otherwise.</summary>
    [Fact]
    public void A_token_may_be_one_only_if_it_names_the_audience_and_ends_later() => new Fuzzer("tokens", input =>
    {
        var isClaims = input is [(byte)'{', ..];
        var token = isClaims ? $"e30.{Base64Url.EncodeToString(input)}.c2ln" : Encoding.UTF8.GetString(input);
        var may = TokenClaims.MayBe(token, Audience, Now);
        if (may)
        {
            var claims = isClaims ? input : Base64Url.DecodeFromChars(token.Split('.')[1]);
            using var document = System.Text.Json.JsonDocument.Parse(claims);
            Assert.True(document.RootElement.GetProperty("exp").GetInt64() > Now.ToUnixTimeSeconds() - 600);
            Assert.Contains(Audience, document.RootElement.GetProperty("aud").ToString().Replace("\\u006f", "o", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        return $"{isClaims} {may} {token.Count('.')} {(isClaims ? string.Concat(input.Where(letter => "{}[]:,".Contains((char)letter, StringComparison.Ordinal)).Select(letter => (char)letter).Take(12)) : "")}";
    }, Words).Run();
}
