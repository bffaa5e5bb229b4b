using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

/// <summary>Rules in schemas: what they mean, what is found wrong with them before any object is there, and that none goes on for ever.</summary>
public class CelTests
{
    private const string Schema = """
        type: object
        properties:
          name: {type: string}
          least: {type: integer}
          most: {type: integer}
          share: {type: number}
          isOn: {type: boolean}
          tags: {type: array, items: {type: string}}
          ports: {type: array, items: {type: object, properties: {number: {type: integer}, name: {type: string}}}}
          limits: {type: object, additionalProperties: {type: integer}}
        """;

    private const string Value = """
        {"name": "web.shop", "least": 2, "most": 5, "share": 0.5, "isOn": true, "tags": ["a", "b", "b"],
         "ports": [{"number": 80, "name": "http"}, {"number": 443}], "limits": {"cpu": 4, "memory": 8}}
        """;

    [Theory]
    [InlineData("self.least <= self.most && self.least > 1")]
    [InlineData("self.least + 3 == self.most && self.most % 2 == 1 && self.most / 2 == 2 && -self.least * 2 == -4")]
    [InlineData("self.share < 1 && self.least > 1.5 && double(self.least) / 4.0 == self.share")]
    [InlineData("size(self.name) == 8 && self.name.size() == 8 && self.tags.size() == 3 && size(self.limits) == 2")]
    [InlineData("self.name.startsWith('web') && self.name.endsWith(\"shop\") && self.name.contains('.') && !self.name.contains('x')")]
    [InlineData("self.name.matches('^[a-z]+[.][a-z]+$') && self.name.matches(r'\\.') && self.name.upperAscii() == 'WEB.SHOP'")]
    [InlineData("self.name.split('.')[1] == 'shop' && ' x '.trim() == 'x' && string(self.least) + '!' == '2!' && int('7') == 7")]
    [InlineData("has(self.name) && !has(self.ports[1].name) && has(self.ports[0].name)")]
    [InlineData("self.ports.all(port, port.number > 0) && self.ports.exists(port, port.number == 443) && self.ports.exists_one(p, has(p.name))")]
    [InlineData("self.tags.filter(tag, tag == 'b').size() == 2 && self.ports.map(port, port.number) == [80, 443]")]
    [InlineData("self.tags.all(tag, self.tags.exists(other, other == tag))")]
    [InlineData("'a' in self.tags && !('c' in self.tags) && 'cpu' in self.limits && self.limits['cpu'] == 4 && self.limits.memory == 8")]
    [InlineData("self.limits.all(name, self.limits[name] >= 4)")]
    [InlineData("self.isOn ? self.least < 3 : false")]
    [InlineData("self.name == 'web.shop' || self.ports[9].number == 1")]
    [InlineData("self.ports[9].number == 1 || self.isOn")]
    [InlineData("!(self.ports[9].number == 1 && !self.isOn)")]
    [InlineData("self.ports.exists(port, port.name == 'http')")]
    [InlineData("[1, 2] + [3] == [1, 2, 3] && 'a' < 'b' && null == null && 1 == 1.0 && 'it\\'s' == \"it's\"")]
    [InlineData("'abc'.split('') == ['a', 'b', 'c'] && !(0.0 / 0.0 == 0.0 / 0.0) && !(0.0 / 0.0 < 1.0) && 0.0 / 0.0 != 0.0 / 0.0")]
    [InlineData("-(-9223372036854775807 - self.least + 1) > 0 || self.isOn")]
    public void A_rule_that_holds_lets_the_value_be(string rule) => Assert.Empty(Broken(rule));

    [Theory]
    [InlineData("self.most < self.least", "no")]
    [InlineData("self.ports.all(port, port.name == 'http')", "cannot be worked out: There is no field name in it")]
    [InlineData("self.ports[2].number > 0", "cannot be worked out: There is no item 2")]
    [InlineData("self.least / 0 == 1", "cannot be worked out: It divides by zero")]
    [InlineData("9223372036854775807 + self.least > 0", "cannot be worked out: The number is too large")]
    [InlineData("self.limits.disk > 0", "cannot be worked out: There is no field disk in it")]
    [InlineData("self.name.matches(self.name + '(')", "cannot be worked out: ")]
    public void What_does_not_hold_or_has_no_value_is_broken(string rule, string message)
        => Assert.Contains(message, Assert.Single(Broken(rule)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("self.leest > 1", "There is no field leest; did you mean least (character 6)")]
    [InlineData("self.ports.all(port, port.nmber > 0)", "There is no field nmber; did you mean number")]
    [InlineData("self.name.nosuch()", "There is no function nosuch; there are contains, double")]
    [InlineData("self.name", "A rule is true or false, and this is a text")]
    [InlineData("self.name > 1", "a text and a whole number cannot be compared")]
    [InlineData("self.name + 1 == 'x'", "'+' cannot be used on a text and a whole number")]
    [InlineData("self.least && true", "Expected true or false, and this is a whole number")]
    [InlineData("self.name.all(x, true)", "Expected a list or an object, and this is a text")]
    [InlineData("size(self.least) > 1", "Expected a text or a list or an object, and this is a whole number")]
    [InlineData("self.least == oldSelf.least", "Rules about what an object was before are not carried out")]
    [InlineData("least > 1", "There is no least here; rules are about self")]
    [InlineData("self.name.matches('(?=x)')", "without look-around")]
    [InlineData("self.name.startsWith()", "startsWith takes 2, and it has 1")]
    [InlineData("self.least > ", "The end is not expected here (character 14)")]
    [InlineData("self.name == 'x", "This text does not end (character 14)")]
    [InlineData("self.least = 1", "'=' has no meaning here (character 12)")]
    [InlineData("self.least < 9223372036854775808", "9223372036854775808 is too large for a whole number (character 14)")]
    [InlineData("has(self)", "has takes a field")]
    [InlineData("self.tags.all(tag)", "all takes a name and an expression")]
    public void What_is_wrong_with_a_rule_is_found_without_an_object(string rule, string message)
        => Assert.Contains(message, SchemaRules.Problem(new(rule, "no"), Read(Schema)), StringComparison.Ordinal);

    [Theory]
    [InlineData(2000, "self.tags.all(a, self.tags.all(b, self.tags.all(c, a != b + c)))")]
    [InlineData(50_000, "self.tags.all(a, self.tags[0 - 1] == a)")]
    [InlineData(20_000, "self.tags.map(a, self.tags.map(b, b + b)).size() == 0")]
    [InlineData(200_000, "self.tags.exists(a, a == 'zzz')")]
    // A pattern that an object brings meets each letter of each text.
    [InlineData(500, "self.tags.all(a, 'abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij'.matches('(([a-z]{1,9}){1,9}){1,9}(([a-z]{1,9}){1,9}){1,9}(([a-z]{1,9}){1,9})x?'))")]
    public void A_rule_that_would_go_on_for_ever_ends(int items, string rule)
    {
        var watch = Stopwatch.StartNew();
        var value = JsonSerializer.Serialize(new { tags = Enumerable.Range(0, items).Select(number => number.ToString(CultureInfo.InvariantCulture)) });
        Assert.Contains("cannot be worked out: The rules take more than 100000 steps", Assert.Single(Broken(rule, value)).Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_rule_can_be_long_and_deep_only_so_far()
    {
        Assert.Contains("longer than 2048", SchemaRules.Problem(new(string.Join(" && ", Enumerable.Repeat("self.isOn", 300)), "no"), Read(Schema)), StringComparison.Ordinal);
        Assert.Contains("nested more than 64 deep", SchemaRules.Problem(new(new string('(', 100) + "true" + new string(')', 100), "no"), Read(Schema)), StringComparison.Ordinal);
        Assert.Contains("nested more than 64 deep", SchemaRules.Problem(new(new string('!', 100) + "true", "no"), Read(Schema)), StringComparison.Ordinal);
        Assert.Empty(Broken(string.Join("||", Enumerable.Repeat("true", 340))));
    }

    private static (string Path, string Message)[] Broken(string rule, string value = Value)
    {
        var schema = Read(Schema) with { Rules = [new(rule, "no")] };
        Assert.Null(SchemaRules.Problem(schema.Rules[0], schema));
        return [.. SchemaRules.Broken(schema, ConfigValue.Parse(value).Root)];
    }

    private static ConfigSchema Read(string text)
    {
        var findings = new Findings("schema.yaml");
        var schema = ConfigSchemaReader.Read(findings.Document(text)!);
        Assert.Empty(findings.All);
        return schema;
    }
}
