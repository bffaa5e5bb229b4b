using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Webhooks;

namespace OsmExt.ControlPlane.Tests.Webhooks;

public sealed class TokenClaimsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData("""{"aud":["openservicemesh.io"],"exp":1800000000}""", true)]
    [InlineData("""{"aud":"openservicemesh.io","exp":1800003600}""", true)]
    [InlineData("""{"aud":["x","openservicemesh.io"],"exp":1799999401}""", true)]
    [InlineData("""{"aud":["openservicemesh.io"],"exp":1799999400}""", false)]
    [InlineData("""{"aud":["https://kubernetes.default.svc"],"exp":1800003600}""", false)]
    [InlineData("""{"aud":["openservicemesh.io.evil"],"exp":1800003600}""", false)]
    [InlineData("""{"aud":[],"exp":1800003600}""", false)]
    [InlineData("""{"aud":{"openservicemesh.io":1},"exp":1800003600}""", false)]
    [InlineData("""{"aud":[["openservicemesh.io"]],"exp":1800003600}""", false)]
    [InlineData("""{"aud":["openservicemesh.io"],"exp":"never"}""", false)]
    [InlineData("""{"aud":["openservicemesh.io"],"exp":1e99}""", false)]
    [InlineData("""{"aud":["openservicemesh.io"]}""", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    [InlineData("{", false)]
    public void Only_what_may_be_a_token_of_a_pod_s_costs_the_api_server_a_question(string claims, bool may)
        => Assert.Equal(may, TokenClaims.MayBe($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln", "openservicemesh.io", Now));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.%%%.c")]
    [InlineData("a.b.c.d")]
    public void Noise_is_none(string token) => Assert.False(TokenClaims.MayBe(token, "openservicemesh.io", Now));

    [Fact]
    public void A_deep_or_endless_token_is_none()
    {
        Assert.False(TokenClaims.MayBe($"a.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new string('[', 1000)))}.c", "openservicemesh.io", Now));
        Assert.False(TokenClaims.MayBe(new string('a', TokenClaims.Longest + 1), "openservicemesh.io", Now));
    }

    [Theory]
    [InlineData("system:serviceaccount:shop:cart", true)]
    [InlineData("system:serviceaccount:shop:cart:x", false)]
    [InlineData("system:serviceaccount::cart", false)]
    [InlineData("system:serviceaccount:shop:", false)]
    [InlineData("system:node:shop:cart", false)]
    [InlineData("", false)]
    public void Only_a_service_account_s_pod_is_one(string user, bool counts)
        => Assert.Equal(counts, TokenReviews.Read(Review(user)) is not null);

    [Fact]
    public void What_the_server_does_not_say_is_not_so()
    {
        foreach (var spoil in new Action<JsonNode>[]
        {
            review => review["status"]!["authenticated"] = false,
            review => review["status"]!["authenticated"] = "true",
            review => review["status"]!["audiences"] = new JsonArray(),
            review => review["status"]!.AsObject().Remove("audiences"),
            review => review["status"]!["user"]!["extra"] = null,
            review => review["status"]!["user"]!["extra"]!["authentication.kubernetes.io/pod-uid"] = new JsonArray("1", "2"),
            review => review["status"]!["user"]!["extra"]!["authentication.kubernetes.io/pod-name"] = "cart",
        })
        {
            var review = Review("system:serviceaccount:shop:cart");
            spoil(review);
            Assert.Null(TokenReviews.Read(review));
        }

        Assert.Null(TokenReviews.Read(null));
        Assert.Null(TokenReviews.Read(new JsonArray()));
    }

    private static JsonObject Review(string user) => JsonNode.Parse($$"""
        {"status":{"authenticated":true,"audiences":["openservicemesh.io"],"user":{"username":"{{user}}",
          "extra":{"authentication.kubernetes.io/pod-name":["cart"],"authentication.kubernetes.io/pod-uid":["1"]} } } }
        """)!.AsObject();
}
