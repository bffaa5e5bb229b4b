using System.Text;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Plugins;
using Scriban.Runtime;

namespace OsmExt.PluginHost.Tests;

/// <summary>Whatever a plugin's author writes as a template, it is refused, fails by a limit, or gives text; it never takes the host with it.</summary>
public sealed class TemplateFuzzTests
{
    private static readonly TemplateLimits Limits = new() { Loops = 200, Recursion = 16, Output = 4_000, Allocated = 8_000_000, Time = TimeSpan.FromSeconds(1) };

    private static readonly byte[][] Words = [.. new[]
    {
        "{{", "}}", "{{~", "~}}", "spec", "spec.list", "for i in 1..9", "while true", "end", "if", "else", "func f(x)", "ret ", "f 1", "|", "string.", "array.", "object.", "math.", "regex.", "date.", "html.", "json",
        "import ", "include ", "with ", "capture x", "wrap ", "tablerow ", "case ", "when ", "this", "empty", "null", "do", "@", "$", "$0", "?.", "??", "..", "..<", "[", "]", "(", ")", "{", "}", ":", ";", "=", "+=", "==", "&&", "||", "!", "<", ">", "*", "/", "//", "%", "^",
        "'x'", "\"", "`", "\\", "\\u0000", "#", "##", "1e308", "99999999999999999999", "-1", "0x7fffffff", "true", "continue", "break", "readonly ", "array.add ", "string.replace ", "string.pad_left 9999", "array.each @f", "object.keys", "regex.match '(a+)+$'",
    }.Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void A_template_is_refused_fails_or_gives_text() => new Fuzzer("templates", Judge, Words).Run();

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{a:")]
    [InlineData("!")]
    [InlineData("-")]
    [InlineData("if 1;")]
    [InlineData("a.b?(c(")]
    [InlineData("1+")]
    [InlineData("a|")]
    [InlineData("func f;")]
    public void Depth_is_refused_and_not_followed_to_the_end_of_the_stack(string opening)
        => Assert.NotEqual("", Judge(Encoding.UTF8.GetBytes("{{ " + string.Concat(Enumerable.Repeat(opening, 20_000)) + " }}")));

    private static string Judge(byte[] input)
    {
        var findings = new Findings("t");
        if (PluginTemplate.Parse(Encoding.UTF8.GetString(input), "t", findings) is not { } template)
        {
            Assert.NotEmpty(findings.All);
            return Kind(findings.All[0].Message);
        }

        try
        {
            var model = new ScriptObject { ["spec"] = TemplateJson.ReadOnly(ConfigValue.Parse("""{"v": 1, "text": "abc", "list": [1, "b", null], "map": {"k": true}}""").Root, null) };
            var rendered = template.Render(model, Limits, TimeProvider.System);
            Assert.InRange(rendered.Text.Length, 0, Limits.Output);
            return $"{(rendered.Text.Length == 0 ? "nothing" : "text")} {template.DependsOnProxy}";
        }
        catch (TemplateFailure failure)
        {
            Assert.InRange(failure.Line, 1, int.MaxValue);
            return Kind(failure.Message);
        }
    }

    private static string Kind(string message) => "fails " + string.Join(' ', message.Split(' ').Where(word => word.All(char.IsAsciiLetterLower)).Take(8));
}
