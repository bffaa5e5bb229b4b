using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Plugins;
using Scriban.Runtime;

namespace OsmExt.PluginHost.Tests;

public class TemplateTests
{
    private static readonly TemplateLimits Limits = new() { Loops = 1000, Output = 5000, Time = TimeSpan.FromMilliseconds(500) };

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("\", evil: \"x", "\"\\\", evil: \\\"x\"")]
    [InlineData("line\nline", "\"line\\nline\"")]
    [InlineData("{{ spec.code }}", "\"{{ spec.code }}\"")]
    [InlineData("sep\u2028\u0085", "\"sep\\u2028\\u0085\"")]
    public void A_value_cannot_break_out_of_its_place(string value, string written)
        => Assert.Equal($"a: {written}", Render("a: {{ spec.v }}", ConfigValue.From(new { v = value })));

    [Fact]
    public void Whole_structures_are_written_as_JSON()
        => Assert.Equal("a: {\"x\":[1,true,null,\"y\"]}", Render("a: {{ spec.v }}", ConfigValue.Parse("""{"v": {"x": [1, true, null, "y"]}}""")));

    [Theory]
    [InlineData("{{ nosuch }}")]
    [InlineData("{{ spec.nosuch }}")]
    [InlineData("{{ spec.v.deeper.still }}")]
    [InlineData("{{ date.now }}")]
    [InlineData("{{ math.random 1 9 }}")]
    [InlineData("{{ math.uuid }}")]
    [InlineData("{{ object.eval '1' }}")]
    [InlineData("{{ include 'x' }}")]
    [InlineData("{{ spec.v = 2 }}")]
    [InlineData("{{ spec.list[0] = 2 }}")]
    [InlineData("{{ for i in 1..100 }}{{ for j in 1..100 }}x{{ end }}{{ end }}")]
    [InlineData("{{ for i in 1..900 }}0123456789{{ end }}")]
    [InlineData("{{ func f(x) ; ret f(x + 1) ; end }}{{ f 1 }}")]
    [InlineData("{{ while true ; end }}")]
    [InlineData("{{ 'x' * 100000 }}")]
    public void What_is_not_there_not_pure_or_not_bounded_is_an_error_with_its_line(string template)
        => Assert.Equal(2, Assert.Throws<TemplateFailure>(() => Render("a: 1\n" + template, ConfigValue.Parse("""{"v": 1, "list": [1]}"""))).Line);

    [Theory]
    [InlineData("{{ func f(n) ; ret n < 1 ? 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' : (f (n - 1)) + (f (n - 1)) ; end }}{{ f 30 }}")]
    [InlineData("{{ s = 'x' ; for i in 1..900 ; s = (s + s) | string.slice 0 4000 ; t = s + s ; end }}{{ for i in 1..900 ; u = s + i + s + i + s + i ; end }}")]
    public void Whatever_takes_too_much_memory_is_cut_off_soon_after(string template)
    {
        var (before, limits) = (GC.GetAllocatedBytesForCurrentThread(), Limits with { Output = 1_000_000, Loops = 10_000, Allocated = 8_000_000, Time = TimeSpan.FromMinutes(1) });

        var failure = Assert.Throws<TemplateFailure>(() => PluginTemplate.Parse(template, "t", new("t"))!.Render([], limits, TimeProvider.System));

        Assert.Contains("too much memory", failure.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 8_000_000, 24_000_000);
    }

    [Fact]
    public void What_the_schema_knows_and_the_object_lacks_is_nothing_or_empty()
    {
        var schema = new ConfigSchema(ConfigType.Object)
        {
            Properties =
            [
                new("text", new(ConfigType.String), false), new("list", new(ConfigType.Array) { Items = new(ConfigType.String) }, false),
                new("number", new(ConfigType.Integer) { Default = ConfigValue.Parse("7") }, false),
            ],
        };
        Assert.Equal(" [] 7", Render("{{ spec.text }} {{ spec.list }} {{ spec.number }}", ConfigValue.Empty, schema));
    }

    [Fact]
    public void A_line_of_the_output_knows_its_line_of_the_template()
    {
        const string Text = "first: 1\n{{~ for i in 1..2 ~}}\nin: {{ i }}\n{{~ end ~}}\nlast: 1";
        var rendered = Parse(Text).Render(Model(ConfigValue.Empty, null), Limits, TimeProvider.System);

        var lines = rendered.Text.Split('\n');
        Assert.Equal(["first: 1", "in: 1", "in: 2", "last: 1"], lines.Where(line => line.Length > 0));
        Assert.Equal([1, 3, 3, 5], lines.Select((line, index) => (line, index)).Where(entry => entry.line.Length > 0).Select(entry => rendered.TemplateLineOf(entry.index + 1)));
    }

    [Fact]
    public void Time_without_a_processor_is_not_a_templates_fault()
    {
        var rendered = Parse("{{ for i in 1..900 }}{{ math.floor(i / 1000) }}{{ end }}").Render([], Limits, new Hurried());
        Assert.Equal(new string('0', 900), rendered.Text);
    }

    [Fact]
    public void What_works_without_end_is_ended()
    {
        var limits = Limits with { Loops = int.MaxValue, Time = TimeSpan.FromMilliseconds(50) };
        Assert.True(Assert.Throws<TemplateFailure>(() => Parse("{{ while true ; end }}").Render([], limits, TimeProvider.System)).IsLate);
    }

    // On a machine that is busy with others: all times are over before anything is done.
    private sealed class Hurried : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => new Early(System.CreateTimer(callback, state, dueTime, period));

        private sealed class Early(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(TimeSpan.Zero, period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    private static string Render(string text, ConfigValue spec, ConfigSchema? schema = null)
        => Parse(text).Render(Model(spec, schema), Limits, TimeProvider.System).Text;

    private static PluginTemplate Parse(string text)
    {
        var findings = new Findings("t");
        var template = PluginTemplate.Parse(text, "t", findings);
        Assert.Empty(findings.All);
        return template!;
    }

    private static ScriptObject Model(ConfigValue spec, ConfigSchema? schema)
        => new() { ["spec"] = TemplateJson.ReadOnly(spec.Root, schema), };
}
