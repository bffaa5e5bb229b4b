using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

public sealed class TypeSchemaTests : IDisposable
{
    private const string Docs = """
        <doc><members>
          <member name="T:OsmExt.PluginHost.Tests.TypeSchemaTests.Way"><summary>Where to
            go, see <see cref="T:Somewhere.Else"/>.</summary><param name="Host">Whom to ask.</param></member>
          <member name="P:OsmExt.PluginHost.Tests.TypeSchemaTests.Way.Ports"><summary>Its <c>ports</c>.</summary></member>
        </members></doc>
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_record_says_types_limits_defaults_and_what_must_be_there()
    {
        var builder = new TypeSchema(new XmlDocs(Docs));

        var text = SchemaText.Of(builder.Of(typeof(Way)));

        Assert.Empty(builder.Problems);
        Assert.Equal(
            """
            type: object
            description: Where to go, see Else.
            required:
            - host
            - how
            properties:
              host:
                type: string
                description: Whom to ask.
                pattern: "[a-z.]+"
                minLength: 1
                maxLength: 20
              how:
                type: string
                enum:
                - byRoad
                - by-air
              speed:
                type: integer
                default: 5
                minimum: 1
                maximum: 9
              note:
                type: string
                description: For people.
              limit:
                type: integer
                minimum: 0
                maximum: 255
              share:
                type: number
                default: 0.5
                minimum: 0
                maximum: 1
              ports:
                type: array
                description: Its ports.
                default: []
                maxItems: 3
                items:
                  type: integer
                  minimum: 0
                  maximum: 65535
              labels:
                type: object
                default:
                  app: web
                additionalProperties:
                  type: string
              stop:
                type: object
                default:
                  at: byRoad
                properties:
                  at:
                    type: string
                    default: byRoad
                    enum:
                    - byRoad
                    - by-air

            """.ReplaceLineEndings("\n"), text);
    }

    [Fact]
    public void What_a_schema_cannot_say_is_a_problem_with_its_place()
    {
        var builder = new TypeSchema(new XmlDocs(null));

        builder.Of(typeof(Wrong));

        Assert.Equal(
            ["address", "again.more", "count", "flags", "guid", "pattern", "when"], builder.Problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
        Assert.Contains(builder.Problems, problem => problem is { Path: "count", Message: "What counts when it is absent is not allowed: 0 is out of range" });
        Assert.Contains(builder.Problems, problem => problem is { Path: "again.more", Message: "Wrong holds itself, and a schema ends somewhere" });
    }

    [Fact]
    public void A_value_is_held_against_its_schema_and_gets_defaults()
    {
        var schema = new TypeSchema(new XmlDocs(null)).Of(typeof(Way));

        var (value, none) = new SpecCheck(schema).Of(JsonNode.Parse("""{"host": "a.b", "how": "by-air", "note": null}"""));
        var (_, problems) = new SpecCheck(schema).Of(JsonNode.Parse("""{"host": "A", "speed": 1.5, "limit": 256, "ports": [1, 2, 3, "4"], "stop": [], "labels": {"a": 1}, "other": 1}"""));

        Assert.Empty(none);
        Assert.Equal(5, value.Root.GetProperty("speed").GetInt32());
        Assert.Equal(["host", "how", "labels.a", "limit", "other", "ports", "ports[3]", "speed", "stop"], problems.Select(problem => problem.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(value, ConfigValue.Of(TypeValue.Of(value.As<Way>(), schema)));
    }

    [Fact]
    public void A_kind_of_a_type_is_read_by_its_schema()
    {
        var set = Load("type: OsmExt.PluginHost.TestPlugin.BehaviourSpec");

        Assert.Empty(set.Diagnostics);
        var kind = Assert.Single(set.Kinds);
        Assert.Equal("What the plugin does.", Assert.Single(kind.Schema.Properties).Schema.Description);
        Assert.Single(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "-- lua")).For(PluginFolder.Scope()).All);
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("type: OsmExt.PluginHost.TestPlugin.Behaviour", "resources[0].type", "no type")]
    [InlineData("type: OsmExt.PluginHost.TestPlugin.BehaviourSpec\n  schema: schema/behaviour.yaml", "resources[0].schema", "already")]
    [InlineData("type: OsmExt.PluginHost.TestPlugin.AimedSpec", "resources[0].type", "targetRef")]
    public void A_type_that_is_none_is_told(string type, string field, string message)
    {
        var set = Load(type);

        Assert.Empty(set.Plugins);
        var finding = Assert.Single(set.Diagnostics);
        Assert.Equal((DiagnosticCodes.PluginNotLoaded, field), (finding.Code, finding.Field));
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_code_there_are_no_types()
        => Assert.Equal("resources[0].type", Assert.Single(_folder.Write(manifest: PluginFolder.Manifest.Replace("schema: schema.yaml", "type: Some.Type", StringComparison.Ordinal)).Load().Diagnostics).Field);

    [Fact]
    public void A_type_that_cannot_be_found_holds_the_proxies_of_a_closed_plugin()
    {
        var set = _folder.WriteCode(text => text.Replace("schema: schema/behaviour.yaml", "type: None", StringComparison.Ordinal).Replace("failure: open", "failure: closed", StringComparison.Ordinal)).Load();

        var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "-- lua"));

        Assert.NotNull(contributions.For(PluginFolder.Scope()).Held);
        Assert.Null(contributions.For(PluginFolder.Scope("other")).Held);
    }

    private PluginSet Load(string type) => _folder.WriteCode(text => text.Replace("schema: schema/behaviour.yaml", type, StringComparison.Ordinal)).Load();

    internal enum Means
    {
        ByRoad,

        [JsonStringEnumMemberName("by-air")]
        ByAir,
    }

    [Flags]
    internal enum Mark
    {
        None = 0,
    }

    internal sealed record Way([StringLength(20, MinimumLength = 1), RegularExpression("[a-z.]+")] string Host, Means How, [property: Range(1, 9)] int Speed = 5)
    {
        [Description("For people.")]
        public string? Note { get; init; }

        public byte? Limit { get; init; }

        [Range(0, 1)]
        public double Share { get; init; } = 0.5;

        [MaxLength(3)]
        public IReadOnlyList<ushort> Ports { get; init; } = [];

        public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string> { ["app"] = "web" };

        public Stop Stop { get; init; } = new();

        public bool IsFast => Speed > 7;

        [JsonIgnore]
        public object? Internal { get; init; }
    }

    internal sealed record Stop(Means At = Means.ByRoad);

    internal sealed record Wrong
    {
        public DateTime? When { get; init; }

        public Guid? Guid { get; init; }

        public Mark? Flags { get; init; }

        [Url]
        public string? Address { get; init; }

        [RegularExpression("(?=a)")]
        public string? Pattern { get; init; }

        [Range(1, 5)]
        public int Count { get; init; }

        public Deeper? Again { get; init; }
    }

    internal sealed record Deeper(Wrong? More);
}
