using System.Collections;
using System.Text;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Tests.Samples;
using Udpa.Annotations;

namespace OsmExt.Envoy.Tests.Printing;

public class RedactionTests
{
    [Fact]
    public void What_the_API_marks_as_sensitive_is_replaced_and_the_message_stays()
    {
        var secret = Sample.Message("secret");
        var before = secret.ToByteString();

        var redacted = (Secret)Redaction.Of(secret);

        Assert.Equal(before, secret.ToByteString());
        Assert.Equal("service-cert:bookstore/bookstore", redacted.Name);
        Assert.StartsWith("-----BEGIN", redacted.TlsCertificate.CertificateChain.InlineString, StringComparison.Ordinal);
        Assert.Equal("[redacted]", redacted.TlsCertificate.PrivateKey.InlineString);
        Assert.Equal("[redacted]", redacted.TlsCertificate.Password.InlineString);
    }

    [Theory]
    [InlineData("{name: a, session_ticket_keys: {keys: [{inline_bytes: c2VjcmV0}, {filename: secret}]}}")]
    [InlineData("{name: a, generic_secret: {secret: {inline_string: secret}}}")]
    [InlineData("{name: a, tls_certificate: {pkcs12: {environment_variable: secret}}}")]
    [InlineData("{name: a, tls_certificate: {private_key_provider: {provider_name: a, "
        + "typed_config: {\"@type\": type.googleapis.com/google.protobuf.Struct, value: {a: [secret]}}}}}")]
    public void Every_form_of_secret_is_replaced(string text)
    {
        var redacted = Redaction.Of(Sample.Read<Secret>(text));

        AssertHidden("secret", redacted);
        Assert.Contains("[redacted]", Flat(redacted), StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_messages_are_redacted_at_any_depth_and_what_cannot_be_unpacked_is_hidden()
    {
        var authentication = new global::Envoy.Extensions.Filters.Http.BasicAuth.V3.BasicAuth { Users = new() { InlineString = "secret" } };
        var listener = new Listener
        {
            Name = "in",
            FilterChains =
            {
                new FilterChain
                {
                    Filters =
                    {
                        Packed(Any.Pack(authentication)),
                        Packed(new Any { TypeUrl = "type.googleapis.com/brand.New", Value = ByteString.CopyFromUtf8("secret") }),
                    },
                },
            },
        };

        var redacted = (Listener)Redaction.Of(listener);

        AssertHidden("secret", redacted);
        Assert.Equal("in", redacted.Name);
        Assert.Equal("type.googleapis.com/brand.New", redacted.FilterChains[0].Filters[1].TypedConfig.TypeUrl);
    }

    [Fact]
    public void A_TypedStruct_is_hidden_unless_its_type_is_known_to_hold_no_secrets()
    {
        static IMessage Redacted(string type) => Redaction.Of(Sample.Read<Any>($$"""
            "@type": type.googleapis.com/xds.type.v3.TypedStruct
            type_url: type.googleapis.com/{{type}}
            value: {list: [{key: secret}], count: 3}
            """));

        var unknown = Redacted("envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth");
        var metrics = Redacted("envoy.extensions.access_loggers.stats.v3.Config");

        AssertHidden("secret", unknown);
        Assert.Contains("api_key_auth", Flat(unknown), StringComparison.Ordinal);
        Assert.Contains("\"count\":3", Flat(unknown), StringComparison.Ordinal);
        Assert.Contains("secret", Flat(metrics), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_marked_in_any_type_is_replaced()
    {
        var random = new RandomMessages(seed: 3);
        var marked = EnvoyTypes.All.SelectMany(type => type.Fields.InDeclarationOrder()).Where(IsMarked).ToList();
        var replaced = new HashSet<FieldDescriptor>();

        foreach (var field in Enumerable.Repeat(marked, 10).SelectMany(fields => fields))
        {
            var shown = Redaction.Of(random.Next(field.ContainingType));
            var leaves = Leaves(field.Accessor.GetValue(shown)).ToList();

            Assert.All(leaves, leaf => Assert.Contains(leaf, new[] { "", Redaction.Text }));
            if (leaves.Contains(Redaction.Text))
            {
                replaced.Add(field);
            }
        }

        Assert.True(marked.Count > 5);
        Assert.Equal(marked.ToHashSet(), replaced);
    }

    private static bool IsMarked(FieldDescriptor field) => field.GetOptions()?.GetExtension(SensitiveExtensions.Sensitive) == true;

    private static IEnumerable<string> Leaves(object? value) => value switch
    {
        string text => [text],
        ByteString bytes => [bytes.ToStringUtf8()],
        Any any => Leaves(EnvoyTypes.Unpack(any)),
        IMessage message => message.Descriptor.Fields.InDeclarationOrder()
            .Where(field => !field.HasPresence || field.Accessor.HasValue(message)).SelectMany(field => Leaves(field.Accessor.GetValue(message))),
        IDictionary map => map.Values.Cast<object>().SelectMany(Leaves),
        IList list => list.Cast<object>().SelectMany(Leaves),
        _ => [],
    };

    private static global::Envoy.Config.Listener.V3.Filter Packed(Any any) => new() { Name = "f", TypedConfig = any };

    private static string Flat(IMessage message) => EnvoyJson.ToJson(message, indented: false);

    // Neither as text, nor as base64, nor in the bytes of what stays packed.
    private static void AssertHidden(string secret, IMessage message)
    {
        Assert.DoesNotContain($":\"{secret}\"", Flat(message), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, Encoding.Latin1.GetString(message.ToByteArray()), StringComparison.Ordinal);
    }
}
